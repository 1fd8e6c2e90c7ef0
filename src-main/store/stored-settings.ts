import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';

type ApiSwitch = Pick<Settings, 'localApiEnabled' | 'localApiPort'>;

const QUESTION = "select key, value from settings where key in ('localApiEnabled', 'localApiPort')";

/**
 * What a person chose for the Local API, read beside a host or without one; nothing in the folder changes (see
 * `inspectStore`). The defaults where there is no database or it cannot be read: its own finding says so.
 */
export async function storedApiSwitch(database: string): Promise<ApiSwitch> {
  const { localApiEnabled, localApiPort } = DEFAULT_SETTINGS;
  const chosen: Record<string, unknown> = {};
  try {
    if (existsSync(database))
      for (const { key, value } of await readRows(database)) chosen[key] = JSON.parse(value) as unknown;
  } catch {
    return { localApiEnabled, localApiPort };
  }
  const port = chosen['localApiPort'];
  return {
    localApiEnabled: chosen['localApiEnabled'] === true,
    localApiPort: typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : localApiPort,
  };
}

async function readRows(database: string): Promise<{ key: string; value: string }[]> {
  if (existsSync(`${database}-wal`)) {
    const db = new Database(database, { readonly: true, fileMustExist: true });
    try {
      return db.prepare<[], { key: string; value: string }>(QUESTION).all();
    } finally {
      db.close();
    }
  }
  const { DatabaseSync } = await import('node:sqlite');
  const address = pathToFileURL(database);
  address.search = '?immutable=1';
  const db = new DatabaseSync(address, { readOnly: true });
  try {
    return db.prepare(QUESTION).all() as unknown as { key: string; value: string }[];
  } finally {
    db.close();
  }
}
