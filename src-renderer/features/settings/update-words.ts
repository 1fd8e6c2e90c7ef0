import type { TFunction } from 'i18next';
import type { UpdateChecks, UpdateState } from '#contract/updates';
import { formatBytes } from '../../ui/format-bytes.ts';

/** What a person is told about new versions, one or two sentences. Pure. */
export function updateWords(state: UpdateState, checks: UpdateChecks, language: string, t: TFunction): string {
  const { way, phase, found, version, checkedAtMs } = state;
  if (way !== 'self') return t(`updates.way.${way}`);
  const when = (atMs: number) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(atMs);
  const at = checkedAtMs === null ? '' : new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(checkedAtMs);
  switch (phase) {
    case 'idle':
    case 'checking':
      return t(checks === 'on' ? 'updates.notYet' : 'updates.never');
    case 'current':
      return found === null || found.version === version
        ? t('updates.current', { at })
        : t('updates.staged', { version: found.version });
    case 'available': {
      const facts = [
        ...(found?.releasedAtMs == null ? [] : [when(found.releasedAtMs)]),
        ...(found?.sizeBytes == null ? [] : [formatBytes(found.sizeBytes)]),
      ].join(', ');
      return t('updates.available', { version: found?.version ?? '', facts: facts === '' ? '' : ` (${facts})` });
    }
    case 'older':
      return t('updates.older', { version: found?.version ?? '' });
    case 'downloading':
      return t('updates.fetching', { version: found?.version ?? '' });
    case 'ready':
    case 'installing':
      return t('updates.ready', { version: found?.version ?? '' });
  }
}
