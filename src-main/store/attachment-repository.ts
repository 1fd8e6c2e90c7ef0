import type { SqliteDatabase } from './database.ts';

export interface AttachmentRow {
  id: string;
  /** Its name within the attachments folder. */
  file_name: string;
  /** The name that the person knows it by. */
  name: string;
  media_type: string;
  size_bytes: number;
  /** 1 once a conversation has held it. */
  was_used: number;
  created_at_ms: number;
}

export type NewAttachmentRow = Omit<AttachmentRow, 'was_used'>;

export type AttachmentRepository = ReturnType<typeof createAttachmentRepository>;

/** Files that were handed over, and the conversations that hold them. Writes belong inside a `Committer` entry. */
export function createAttachmentRepository(db: SqliteDatabase) {
  const insert = db.prepare<[NewAttachmentRow]>(`
    insert into attachments (id, file_name, name, media_type, size_bytes, created_at_ms)
    values (@id, @file_name, @name, @media_type, @size_bytes, @created_at_ms)`);
  const byFileName = db.prepare<[string], AttachmentRow>('select * from attachments where file_name = ?');
  const use = db.prepare<[string, string]>(
    'insert or ignore into attachment_uses (attachment_id, session_id) values (?, ?)',
  );
  const copyUses = db.prepare<[string, string]>(
    'insert or ignore into attachment_uses (attachment_id, session_id) select attachment_id, ? from attachment_uses where session_id = ?',
  );
  const markUsed = db.prepare<[string]>('update attachments set was_used = 1 where id = ? and was_used = 0');
  const unused = db.prepare<[number], AttachmentRow>(`
    select * from attachments a where (was_used = 1 or created_at_ms < ?)
      and not exists (select 1 from attachment_uses u where u.attachment_id = a.id)`);
  const remove = db.prepare<[string]>('delete from attachments where id = ?');
  const removeUnused = db.prepare<[string]>(
    'delete from attachments where id = ? and id not in (select attachment_id from attachment_uses)',
  );
  const workspaces = db
    .prepare<[], string>("select distinct workspace from sessions where workspace is not null and workspace <> ''")
    .pluck();
  return {
    insert: (row: NewAttachmentRow): void => void insert.run(row),
    byFileName: (fileName: string): AttachmentRow | null => byFileName.get(fileName) ?? null,
    use(attachmentId: string, sessionId: string): void {
      use.run(attachmentId, sessionId);
      markUsed.run(attachmentId);
    },
    /** A fork holds what its origin holds. */
    copyUses: (fromSessionId: string, toSessionId: string): void => void copyUses.run(toSessionId, fromSessionId),
    /** Files that no conversation holds any more, and those that none ever held and that came before a moment. */
    unused: (createdBeforeMs: number): AttachmentRow[] => unused.all(createdBeforeMs),
    remove: (id: string): void => void remove.run(id),
    /** Removes a file's row unless a conversation has come to hold it. */
    removeUnused: (id: string): void => void removeUnused.run(id),
    /** The working folders of all conversations: what lies in them may be shown. */
    workspaces: (): string[] => workspaces.all(),
  };
}
