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
  trouble: { kind: TroubleKind; message: string; dataDir: string; canShowFolder: boolean } | null;
}
