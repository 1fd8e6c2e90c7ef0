import type { LockHolder } from '../store/host-lock.ts';
import type { StoreFinding } from '../store/inspect-store.ts';
import { type Finding, note, problem, well } from './finding.ts';

/** What was found of the conversations, as a sentence and what helps. */
export function checkStore(found: StoreFinding, known: number): Finding {
  switch (found.state) {
    case 'absent':
      return note('conversations', 'There are no conversations yet.');
    case 'damaged':
      return problem(
        'conversations',
        `The conversations file is damaged (${found.defect}).`,
        'Start Sluice: it exports what can be read and restores a backup. Nothing in the file was changed.',
        { integrity: 'damaged' },
      );
    case 'unreadable':
      return problem(
        'conversations',
        `The conversations file cannot be read (${found.message}).`,
        found.kind === 'busy'
          ? 'Another program holds it; close that one and ask again.'
          : 'Check who owns the data folder and whether its disk can be written.',
        { integrity: 'unknown' },
      );
    case 'whole': {
      const { schemaVersion, sizeBytes } = found;
      const facts = { integrity: 'whole', schemaVersion, knownSchemaVersion: known, sizeBytes };
      if (schemaVersion > known) {
        return problem(
          'conversations',
          `A newer Sluice wrote the conversations (version ${schemaVersion}; this one knows ${known}).`,
          'Install the newer Sluice; it opens them as they are.',
          facts,
        );
      }
      if (schemaVersion < known) {
        return note(
          'conversations',
          `The conversations are whole, in version ${schemaVersion}; the next start brings them to ${known}, after a backup.`,
          facts,
        );
      }
      return well('conversations', `The conversations are whole (version ${schemaVersion}).`, facts);
    }
  }
}

export function checkHost(held: { holder: LockHolder | null } | null): Finding {
  if (held === null) return well('host', 'Sluice is not running in this folder.', { isRunning: false });
  const { holder } = held;
  const who =
    holder === null ? '' : `, ${holder.host === 'electron' ? 'with a window' : 'headless'}, process ${holder.pid}`;
  return well('host', `Sluice is running in this folder${who}.`, {
    isRunning: true,
    ...(holder === null ? {} : { pid: holder.pid, host: holder.host, startedAtMs: holder.startedAtMs }),
  });
}
