import type { BackupReason, BackupRecord, ExportResult, ImportPreview } from '#contract/data';
import type { FailureFact } from '#contract/failure-saying';
import type { StoreFacts } from '../store/inspect-store.ts';
import type { PortableConversation } from '../store/portable-rows.ts';
import type { UnpackedFile } from './unpack-attachments.ts';

/** Long work on the data of a folder, each in a thread of its own. By name: what goes in and what comes out. */
export interface DataTasks {
  listBackups: { input: { dir: string }; result: BackupRecord[] };
  /** Reads every page of a backup. The result says why it cannot be restored; null where it can. */
  checkBackup: { input: { dir: string; file: string }; result: FailureFact | null };
  backUp: { input: { database: string; dir: string; reason: BackupReason; nowMs: number }; result: BackupRecord };
  /** Writes conversations into a zip file; all of them for `ids: null`. */
  export: { input: ExportInput; result: ExportResult };
  /** The same of a damaged database: what can be read. */
  salvage: { input: Omit<ExportInput, 'ids'>; result: ExportResult };
  previewImport: { input: { path: string; name: string }; result: Omit<ImportPreview, 'name'> };
  /** Hands over each item of a file, as `ImportedItem`. */
  import: { input: { path: string; name: string; attachmentsDir: string }; result: null };
  /** What stands in a database, in numbers. */
  describeStore: { input: { database: string }; result: StoreFacts };
  /** Gives what was deleted back to the disk, and leaves nothing of it in the file. */
  shrink: { input: { database: string }; result: null };
}

export interface ExportInput {
  database: string;
  attachmentsDir: string;
  path: string;
  ids: readonly string[] | null;
  secrets: readonly string[];
  version: string;
}

/** One conversation of a file that is being imported, its files already beside the attachments. */
export type ImportedItem =
  | { title: string; conversation: PortableConversation; files: UnpackedFile[]; done: number; total: number }
  | { title: string; conversation: null; reason: FailureFact; done: number; total: number };

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
