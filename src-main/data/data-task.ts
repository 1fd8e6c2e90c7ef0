import type { BackupReason, BackupRecord } from '#contract/data';

/** Long work on the data of a folder, each in a thread of its own. By name: what goes in and what comes out. */
export interface DataTasks {
  listBackups: { input: { dir: string }; result: BackupRecord[] };
  /** Reads every page of a backup. The result says why it cannot be restored; null where it can. */
  checkBackup: { input: { dir: string; file: string }; result: string | null };
  backUp: { input: { database: string; dir: string; reason: BackupReason; nowMs: number }; result: BackupRecord };
}

export type TaskName = keyof DataTasks;
export type TaskInput<Name extends TaskName> = DataTasks[Name]['input'];
export type TaskResult<Name extends TaskName> = DataTasks[Name]['result'];

/** How far a task is. `total` is null while nobody knows it. */
export interface TaskProgress {
  done: number;
  total: number | null;
}

/** What a worker is started with. */
export interface TaskRequest {
  name: TaskName;
  input: unknown;
}
