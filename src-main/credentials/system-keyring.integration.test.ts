import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';

const PROBE = fileURLToPath(new URL('./testing/keyring-probe.ts', import.meta.url));
const KEY = 'sk-planted-0123456789abcdef';
/** Unlocks the daemon's keyring with a password on its standard input; without it, the keyring stays locked. */
const UNLOCK = 'printf planted | gnome-keyring-daemon --unlock --components=secrets >/dev/null';
const LOCKED = 'gnome-keyring-daemon --start --components=secrets >/dev/null';

const has = (program: string) => spawnSync('which', [program]).status === 0;
const canRun = process.platform === 'linux' && has('dbus-run-session') && has('gnome-keyring-daemon');

/** What the probe says, in a session bus of its own that ends with it. `home` is where the keyring's file lies. */
function probe(home: string, before: string, dataDir: string, ...args: string[]): Record<string, unknown> {
  const script = [before, `exec "${process.execPath}" "${PROBE}" "$@"`].filter((line) => line !== '').join('\n');
  const out = execFileSync('dbus-run-session', ['--', 'sh', '-c', script, 'probe', dataDir, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home },
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe.skipIf(!canRun)('a real Secret Service', () => {
  it('[E10-01] keeps what opens the keys over restarts, and nothing without it does', () => {
    const home = tempDir();
    const dir = tempDir();
    expect(probe(home, UNLOCK, dir, KEY)).toMatchObject({ state: 'ready', kind: 'keyring', storage: ['sealed'] });
    expect(readFileSync(dataPaths(dir).database).includes(KEY)).toBe(false);
    expect(probe(home, UNLOCK, dir)).toMatchObject({ storage: ['sealed'], secret: KEY });
    // Locked, with nobody to ask: everything stays as it is, and the next unlocked start opens it.
    expect(probe(home, LOCKED, dir)).toMatchObject({ storage: ['locked'], secret: 'secrets_locked' });
    expect(probe(home, UNLOCK, dir)).toMatchObject({ storage: ['sealed'], secret: KEY });
    // Another home has another keyring, as another computer has.
    expect(probe(tempDir(), UNLOCK, dir)).toMatchObject({ storage: ['locked'], secret: 'secrets_locked' });
  }, 120_000);

  it('[E10-01] where no keyring runs, keys stay in memory and the way to a passphrase is open', () => {
    const nothing = 'DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent; export DBUS_SESSION_BUS_ADDRESS';
    expect(probe(tempDir(), nothing, tempDir(), KEY)).toMatchObject({ state: 'none', storage: ['memory'] });
  }, 60_000);
});
