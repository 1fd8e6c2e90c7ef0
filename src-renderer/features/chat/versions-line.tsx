import { ChevronDown, History } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ConversationVersion } from '#contract/events';
import { formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** Here an edit or another answer took the place of what stood before. It is kept, and comes back on request. */
export function VersionsLine({ versions }: { versions: readonly ConversationVersion[] }) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  return (
    <div className="-mt-2 mb-1 flex justify-end">
      <Popover
        kind="menu"
        label={t('versions.label')}
        align="end"
        className="w-80"
        trigger={(props) => (
          <button
            type="button"
            {...props}
            data-testid="versions"
            className="num touch inline-flex h-6 items-center gap-1.5 rounded-md px-2 text-xs text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Icon of={History} size={13} />
            {t('versions.count', { count: versions.length })}
            <Icon of={ChevronDown} size={12} />
          </button>
        )}
      >
        {(close) => (
          <>
            <p className="px-2 pt-1 pb-0.5 text-xs text-ink-3">{t('versions.putBack')}</p>
            {versions.map((version) => (
              <button
                key={version.version_id}
                type="button"
                role="menuitem"
                data-testid="version"
                onClick={() => {
                  close();
                  actions.switchVersion(version.version_id);
                }}
                className="touch grid w-full gap-px rounded-md px-2 py-1 text-left hover:bg-hover"
              >
                <span className="truncate">{version.preview === '' ? t('versions.untitled') : version.preview}</span>
                <span className="num text-xs text-ink-3">
                  {t('versions.facts', { count: version.message_count, time: formatMoment(version.created_at_ms) })}
                </span>
              </button>
            ))}
          </>
        )}
      </Popover>
    </div>
  );
}
