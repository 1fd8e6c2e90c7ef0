import type { StoreState } from '#contract/data';
import type { Backups } from '../../data/backups.ts';
import { AppFailure } from '../../platform/app-failure.ts';
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
  restore: (file: string) => string | null;
  /** Keeps the present file under another name. @returns what the person is to know. */
  setAside: () => string | null;
  showInFolder: HostCapabilities['showInFolder'];
}): BackupHandlers {
  const { backups, lifeline, trouble, showInFolder } = parts;
  const assertTrouble = () => {
    if (trouble !== null) return;
    throw new AppFailure('conflict', 'The conversations are open; there is nothing to put right.');
  };
  return {
    'data.store': () => ({ generation: lifeline.generation, trouble }),
    'data.backups': async () => ({ backups: await backups.list(), folder: backups.dir }),
    'data.backUp': ({ reason }) => {
      if (trouble !== null) throw new AppFailure('storage_unavailable', 'What cannot be opened cannot be backed up.');
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
        throw new AppFailure('conflict', trouble.message);
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
