import type { FailureSaying, Told } from './failure-saying.ts';

/** Why the conversations cannot be opened. */
export const TROUBLE_KINDS = ['damaged', 'locked', 'full', 'newer', 'upgrade'] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** Why a backup was made. */
export type BackupReason = 'asked' | 'regular' | 'upgrade' | 'restore';

/** A copy of the whole database. `file` names it for restoring and deleting. */
export interface BackupRecord {
  file: string;
  reason: BackupReason;
  createdAtMs: number;
  sizeBytes: number;
  /** Null where the file cannot be read. */
  schemaVersion: number | null;
  conversations: number | null;
  messages: number | null;
  /** Why it cannot be restored; null where it can. */
  defect: string | null;
}

/** How the store of this host stands. */
export interface StoreState {
  /** Another one after every opening of the store: a page that sees it change draws itself anew. */
  generation: string;
  /** Null where all is well. */
  trouble: ({ kind: TroubleKind; dataDir: string; canShowFolder: boolean } & Told) | null;
}

/** How an export's file name ends. It is a zip under a name of its own, so that a double click finds Sluice. */
export const EXPORT_EXTENSION = 'sluice';

/** The program that a file to import comes from. */
export type ImportSource = 'sluice' | 'chatgpt' | 'librechat' | 'chatbox' | 'cherry';

/** One conversation that a file offers. `reason` says why it cannot be imported; null where it can. */
export interface ImportPreviewItem {
  title: string;
  messages: number;
  createdAtMs: number | null;
  reason: string | null;
  reasonSaid?: FailureSaying;
}

export interface ImportPreview {
  /** The file's name, as it was handed in. */
  name: string;
  source: ImportSource;
  conversations: number;
  messages: number;
  attachments: number;
  /** The first thousand; all are imported. */
  items: ImportPreviewItem[];
}

/**
 * What became of one conversation. `present`: it was here already, exactly so. `copied`: another state of it is here, so it
 * came beside that one.
 */
export type ImportOutcome = 'imported' | 'present' | 'copied' | 'failed';

export interface ImportResultItem {
  title: string;
  outcome: ImportOutcome;
  reason: string | null;
  reasonSaid?: FailureSaying;
}

export interface ImportResult {
  counts: Record<ImportOutcome, number>;
  /** What is worth a look: everything that failed or was copied, and as much of the rest as makes a thousand. */
  items: ImportResultItem[];
}

export interface ExportResult {
  fileName: string;
  sizeBytes: number;
  conversations: number;
  attachments: number;
  /** Attachments whose files are missing. */
  missing: number;
}

/** Long work on the data: how far it is, and its end. */
export interface DataJob {
  jobId: string;
  kind: 'export' | 'import';
  state: 'working' | 'done' | 'failed' | 'cancelled';
  done: number;
  /** Null while nobody knows. */
  total: number | null;
  /** Only of one that failed. */
  message: string | null;
  said?: FailureSaying;
  exported: ExportResult | null;
  imported: ImportResult | null;
}
