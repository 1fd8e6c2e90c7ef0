import { existsSync } from 'node:fs';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { readUnchanged } from './read-unchanged.ts';

type ApiSwitch = Pick<Settings, 'localApiEnabled' | 'localApiPort'>;

const QUESTION = "select key, value from settings where key in ('localApiEnabled', 'localApiPort')";

/**
 * What a person chose for the Local API, read beside a host or without one; nothing in the folder changes. The defaults where there is no database or it cannot be read: its own finding says so.
 */
export async function storedApiSwitch(database: string): Promise<ApiSwitch> {
  const { localApiEnabled, localApiPort } = DEFAULT_SETTINGS;
  const chosen: Record<string, unknown> = {};
  try {
    if (existsSync(database)) {
      const found = await readUnchanged(database, (rows) => rows(QUESTION));
      for (const { key, value } of found) chosen[String(key)] = JSON.parse(String(value)) as unknown;
    }
  } catch {
    return { localApiEnabled, localApiPort };
  }
  const port = chosen['localApiPort'];
  return {
    localApiEnabled: chosen['localApiEnabled'] === true,
    localApiPort: typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : localApiPort,
  };
}
