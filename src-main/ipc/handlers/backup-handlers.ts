import type { StoreState } from '#contract/data';
import type { FailureSaying } from '#contract/failure-saying';
import type { Backups } from '../../data/backups.ts';
import { failureOf } from '../../platform/app-failure.ts';
import type { HostCapabilities } from '../../platform/host-capabilities.ts';
import type { HostLifeline } from '../../platform/host-lifeline.ts';
import type { Handlers } from '../router.ts';

export type BackupHandlers = Pick<
  Handlers,
  | 'data.store'
  | 'data.backups'
  | 'data.backUp'
  | 'data.deleteBackup'
  | 'data.restore'
  | 'data.reopen'
  | 'data.startEmpty'
  | 'data.showFolder'
>;

/** Backups, and what a person may choose where the conversations cannot be opened. */
export function createBackupHandlers(parts: {
  backups: Backups;
  lifeline: HostLifeline;
  dataDir: string;
  trouble: StoreState['trouble'];
  /** Puts a backup in place. @returns what the person is to know. */
  restore: (file: string) => FailureSaying | null;
  /** Keeps the present file under another name. @returns what the person is to know. */
  setAside: () => FailureSaying | null;
  showInFolder: HostCapabilities['showInFolder'];
}): BackupHandlers {
  const { backups, lifeline, trouble, showInFolder } = parts;
  const assertTrouble = () => {
    if (trouble !== null) return;
    throw failureOf('conflict', { word: 'store_is_open' });
  };
  return {
    'data.store': () => ({ generation: lifeline.generation, trouble }),
    'data.backups': async () => ({ backups: await backups.list(), folder: backups.dir }),
    'data.backUp': ({ reason }) => {
      if (trouble !== null) throw failureOf('storage_unavailable', { word: 'closed_store_no_backup' });
      return backups.create(reason);
    },
    'data.deleteBackup': async ({ file }) => {
      await backups.remove(file);
      return { deleted: true, file };
    },
    'data.restore': async ({ file }) => {
      await backups.assertRestorable(file);
      lifeline.reopen(() => parts.restore(file));
      return { accepted: true };
    },
    'data.reopen': () => {
      assertTrouble();
      lifeline.reopen(() => null);
      return { accepted: true };
    },
    'data.startEmpty': () => {
      assertTrouble();
      if (trouble?.kind === 'locked' || trouble?.kind === 'full') {
        // Both pass by themselves, and an empty store would need the same room and the same lock.
        throw failureOf('conflict', trouble.said ?? { word: 'closed_store_no_backup' });
      }
      lifeline.reopen(parts.setAside);
      return { accepted: true };
    },
    'data.showFolder': () => {
      showInFolder?.(parts.dataDir);
      return { shown: showInFolder !== undefined };
    },
  };
}
