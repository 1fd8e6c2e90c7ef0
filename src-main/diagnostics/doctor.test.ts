import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { writeCrashRecord } from '../platform/crash-record.ts';
import { dataPaths } from '../platform/paths.ts';
import { acquireHostLock } from '../store/host-lock.ts';
import { knownSchemaVersion } from '../store/inspect-store.ts';
import { openStore } from '../store/store.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { portState } from './check-port.ts';
import { examine } from './doctor.ts';
import { type Finding, reportText } from './finding.ts';

const GIGABYTE = 1024 ** 3;
const look = (dataDir: string, more: Partial<Parameters<typeof examine>[0]> = {}) =>
  examine({
    dataDir,
    version: '1.2.3',
    ports: [],
    keyring: { name: 'Test Keyring', hasPassphrase: false, ask: () => Promise.resolve(null) },
    freeBytes: () => 50 * GIGABYTE,
    ...more,
  });
const of = (findings: Finding[], id: Finding['id']) => findings.find((finding) => finding.id === id);

/** Every file of a folder with its bytes, its mode and its time. */
function picture(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir).map((name) => {
      const path = join(dir, name);
      const { mode, mtimeMs } = statSync(path);
      return [name, `${mode} ${mtimeMs} ${readFileSync(path).toString('base64')}`];
    }),
  );
}

function newStore(): string {
  const dir = join(tempDir(), 'data');
  openStore(dataPaths(dir), { clock: new ManualClock() }).close();
  return dir;
}

describe('the doctor', () => {
  it('[E12] finds nothing wrong with a folder that is not there yet, and makes none', async () => {
    const dir = join(tempDir(), 'not', 'yet');
    const report = await look(dir);
    expect(report.well).toBe(true);
    expect(of(report.findings, 'folder')?.state).toBe('note');
    expect(() => statSync(dir)).toThrow(/ENOENT/);
  });

  it('[E12] changes nothing: not a byte, not a file more, not a time', async () => {
    const dir = newStore();
    const before = picture(dir);
    const report = await look(dir);
    expect(report.well).toBe(true);
    expect(of(report.findings, 'conversations')).toMatchObject({
      state: 'well',
      facts: { integrity: 'whole', schemaVersion: knownSchemaVersion() },
    });
    expect(of(report.findings, 'host')?.facts['isRunning']).toBe(false);
    expect(picture(dir)).toEqual(before);
  });

  it('[E12] works while Sluice runs, names it, and costs it neither its lock nor its store', async () => {
    const dir = newStore();
    const paths = dataPaths(dir);
    const lock = acquireHostLock(paths, { pid: 4711, host: 'headless', startedAtMs: 5 });
    const store = openStore(paths, { clock: new ManualClock() });
    store.settings.write({ theme: 'dark' });
    const before = Object.keys(picture(dir));
    const report = await look(dir);
    expect(report.well).toBe(true);
    expect(of(report.findings, 'host')?.facts).toMatchObject({ isRunning: true, pid: 4711, host: 'headless' });
    expect(of(report.findings, 'conversations')?.facts['integrity']).toBe('whole');
    store.settings.write({ theme: 'light' });
    expect(store.settings.read().theme).toBe('light');
    expect(() => acquireHostLock(paths, { pid: 1, host: 'electron', startedAtMs: 6 })).toThrow(/4711/);
    expect(Object.keys(picture(dir))).toEqual(before);
    store.close();
    lock.release();
  });

  it('[E12] sees damage, says what helps, and leaves the file as it is', async () => {
    const dir = newStore();
    const { database } = dataPaths(dir);
    const bytes = readFileSync(database);
    bytes.fill(0xff, 4096 * 3, 4096 * 6);
    writeFileSync(database, bytes);
    const report = await look(dir);
    expect(report.well).toBe(false);
    expect(of(report.findings, 'conversations')).toMatchObject({ state: 'problem', facts: { integrity: 'damaged' } });
    expect(of(report.findings, 'conversations')?.remedy).toMatch(/backup/);
    expect(readFileSync(database).equals(bytes)).toBe(true);
    writeFileSync(database, 'no database at all, but long enough to be looked at'.repeat(100));
    expect(of((await look(dir)).findings, 'conversations')?.state).toBe('problem');
  });

  it.each([
    [1, 'problem', /newer/i],
    [-1, 'note', /next start/],
  ])('[E12] says what a schema %i away from its own means', async (away, state, said) => {
    const dir = newStore();
    const { database } = dataPaths(dir);
    // The version stands in the header of the file, at byte 60 (sqlite.org/fileformat).
    const bytes = readFileSync(database);
    bytes.writeUInt32BE(knownSchemaVersion() + away, 60);
    writeFileSync(database, bytes);
    const finding = of((await look(dir)).findings, 'conversations');
    expect(finding?.state).toBe(state);
    expect(finding?.said).toMatch(said);
  });

  it('[E12] tells a folder that others can look into, one that is a file, and a disk that is nearly full', async () => {
    const dir = newStore();
    chmodSync(dir, 0o755);
    const open = await look(dir, { platform: 'linux' });
    expect(of(open.findings, 'permissions')).toMatchObject({ state: 'problem', remedy: `chmod 700 "${dir}"` });
    expect(of((await look(dir, { platform: 'win32' })).findings, 'permissions')).toBeUndefined();
    chmodSync(dir, 0o700);
    const full = await look(dir, { freeBytes: () => 10 * 1024 * 1024 });
    expect(of(full.findings, 'space')).toMatchObject({ state: 'problem' });
    expect(full.well).toBe(false);
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    expect(of((await look(file)).findings, 'folder')?.state).toBe('problem');
  });

  it('[E12] says of the keyring whether it answers, and that nothing is wrong where it does not', async () => {
    const dir = join(tempDir(), 'd');
    mkdirSync(dir, { mode: 0o700 });
    const keyring = (ask: (() => Promise<unknown>) | null, hasPassphrase = false) =>
      look(dir, { keyring: { name: 'Test Keyring', hasPassphrase, ask } }).then(({ findings, well }) => ({
        well,
        finding: of(findings, 'keyring'),
      }));
    expect((await keyring(() => Promise.resolve(null))).finding).toMatchObject({ state: 'well' });
    const dead = await keyring(() => Promise.reject(new Error('no bus')));
    expect(dead).toMatchObject({ well: true, finding: { state: 'note', facts: { answers: false } } });
    expect(dead.finding?.said).toContain('no bus');
    expect((await keyring(null)).finding?.facts['backend']).toBe('off');
    expect((await keyring(null, true)).finding?.facts['backend']).toBe('passphrase');
  });

  it('[E12] tells a port that is free from one that another program has', async () => {
    const server = createServer((socket) => socket.end('hello\n', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    onTestFinished(() => void server.close());
    expect(await portState(port)).toBe('taken');
    const asked = await look(newStore(), { ports: [{ port, name: 'the page', use: 'this' }] });
    expect(of(asked.findings, 'port')?.state).toBe('problem');
    // A host that nobody gave a port takes another one.
    const unasked = await look(newStore(), { ports: [{ port, name: 'the page', use: 'any' }] });
    expect(unasked).toMatchObject({ well: true });
    // Nobody takes a free one for a server that is switched off: it will fail once it is switched on.
    const off = await look(newStore(), { ports: [{ port, name: 'the Local API', use: 'off' }] });
    expect(off).toMatchObject({ well: true });
    expect(of(off.findings, 'port')).toMatchObject({
      state: 'note',
      said: expect.stringMatching(/The Local API is switched off; choose another/) as string,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await portState(port)).toBe('free');
  });

  it('[E12] mentions an end that nobody asked for, and every version', async () => {
    const dir = newStore();
    writeCrashRecord(dataPaths(dir).crash, {
      atMs: 0,
      kind: 'exception',
      version: '1.0.0',
      host: 'headless',
      pid: 1,
      uptimeMs: 1,
      error: 'TypeError',
      message: 'x',
      stack: null,
      seen: true,
    });
    const report = await look(dir);
    expect(of(report.findings, 'crash')?.said).toContain('1970-01-01');
    expect(of(report.findings, 'versions')?.said).toMatch(/Sluice 1\.2\.3, Node .+, SQLite 3\..+, better-sqlite3 \d+/);
    const text = reportText(report);
    expect(text).toContain('All is well.');
    expect(text.split('\n').length).toBeGreaterThan(report.findings.length);
  });
});
