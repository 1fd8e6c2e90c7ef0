import Database from 'better-sqlite3';
import { createPortableRows, type PortableConversation, type PortableRows } from './portable-rows.ts';

/** Opens a database for reading conversations out of it. The caller closes it. */
export function openPortable(database: string, attachmentsDir: string): { rows: PortableRows; close(): void } {
  const db = new Database(database, { readonly: true, fileMustExist: true, timeout: 5000 });
  return { rows: createPortableRows(db, attachmentsDir), close: () => db.close() };
}

/** Every value that can be read, from both ends up to where the file is damaged. */
function fromBothEnds<T>(read: (order: 'asc' | 'desc') => Iterable<T>): T[] {
  const found: T[] = [];
  const take = (order: 'asc' | 'desc'): T[] => {
    const part: T[] = [];
    try {
      for (const value of read(order)) part.push(value);
    } catch {
      // What was read before the damage counts; the other end is tried as well.
    }
    return part;
  };
  const forward = take('asc');
  found.push(...forward);
  const known = new Set(forward.map((value) => JSON.stringify(value)));
  for (const value of take('desc').reverse()) if (!known.has(JSON.stringify(value))) found.push(value);
  return found;
}

/**
 * Opens a damaged database and reads what can be read. A conversation whose rows are partly gone comes with the others of
 * its rows; nothing is written. The caller closes it.
 *
 * @throws SQLite's error when not even the list of tables can be read.
 */
export function openDamaged(
  database: string,
  attachmentsDir: string,
): { ids: string[]; read(id: string): PortableConversation | null; close(): void } {
  const db = new Database(database, { readonly: true, fileMustExist: true, timeout: 1000 });
  const rows = createPortableRows(db, attachmentsDir);
  const ids = new Set([
    ...fromBothEnds((order) =>
      db.prepare<[], string>(`select id from sessions order by rowid ${order}`).pluck().iterate(),
    ),
    ...fromBothEnds((order) =>
      db.prepare<[], string>(`select session_id from messages order by number ${order}`).pluck().iterate(),
    ),
  ]);
  return {
    ids: [...ids],
    read(id) {
      try {
        const whole = rows.read(id);
        if (whole !== null) return whole;
      } catch {
        // Row by row, then.
      }
      const messages = fromBothEnds((order) => rows.eachMessage(id, order));
      if (messages.length === 0) return null;
      messages.sort((a, b) => Number(a['position']) - Number(b['position']));
      const [first] = messages;
      const created_at_ms = first?.['created_at_ms'] ?? 0;
      return {
        session: {
          id,
          title: 'Recovered conversation',
          title_source: 'user',
          profile: null,
          model: null,
          workspace: null,
          instructions: null,
          parameters: {},
          preview: String(first?.['content'] ?? '').slice(0, 120),
          message_count: messages.length,
          last_status: null,
          pinned: 0,
          archived_at_ms: null,
          forked_from_session_id: null,
          created_at_ms,
          updated_at_ms: messages.at(-1)?.['created_at_ms'] ?? created_at_ms,
        },
        runs: [],
        versions: [],
        messages: messages.map((message) => ({ ...message, run_id: null, version_id: null })),
        compactions: [],
        attachments: [],
      };
    },
    close: () => db.close(),
  };
}
