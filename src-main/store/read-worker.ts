import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { createReadQueries, type ReadQueries } from './read-queries.ts';

/** Entry of the read worker: answers the questions of `read-client.ts` from a read-only connection. */

export interface ReadRequest {
  id: number;
  method: keyof ReadQueries;
  input: unknown;
}

export type ReadReply =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; message: string; code: string };

const { database } = workerData as { database: string };
const db = new Database(database, { readonly: true, timeout: 1000 });
const queries = createReadQueries(db, () => {
  // Who waits here may hold the lock that the main thread needs, so it is not for long.
  const writable = new Database(database, { timeout: 200, fileMustExist: true });
  writable.pragma('secure_delete = ON');
  return writable;
});

parentPort?.on('message', (request: ReadRequest) => {
  let reply: ReadReply;
  try {
    // The client types method and input together; across the thread border only their pairing by name remains.
    const answer = queries[request.method] as (input: unknown) => unknown;
    reply = { id: request.id, ok: true, result: answer(request.input) };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    reply = { id: request.id, ok: false, message: thrown instanceof Error ? thrown.message : String(thrown), code };
  }
  parentPort?.postMessage(reply);
});
