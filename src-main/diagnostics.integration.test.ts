import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { answer, finish, text } from '../e2e/fake-upstream/script.ts';
import { openZip } from './data/open-zip.ts';
import { plainSettings } from './diagnostics/plain-settings.ts';
import { readCrashRecord } from './platform/crash-record.ts';
import { dataPaths } from './platform/paths.ts';
import { SecretMatcher } from './platform/secret-matcher.ts';
import { inspectStore } from './store/inspect-store.ts';
import { startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const KEY = 'cnry-diagnostics-0123456789-a+b/c=d';
const SAID = 'a planted question about planted things';
/** What a person may write into the wrong field. */
const MISPLACED = 'misplaced-secret-in-a-name';

/** Has a host throw, outside of every call, when it is told to. Nothing of the product knows of it. */
const fallOn = (signal: string, body: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on("${signal}",()=>{${body}})`)}`,
});

async function data<T>(asked: Promise<{ ok: true; data: T } | { ok: false; error: { message: string } }>): Promise<T> {
  const result = await asked;
  if (!result.ok) throw new Error(result.error.message);
  return result.data;
}

it('[E12] [E10-02] a diagnostics bundle holds no key, no name, no address and no word, and is saved as it was shown', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const host = await startHeadlessProcess(dir, { SLUICE_VAULT_PASSPHRASE: 'a passphrase of the test' });
  onTestFinished(() => host.kill());
  const profile = await data(
    host.request('profiles.create', { name: MISPLACED, kind: 'openai-chat', baseUrl: `${fake.url}/${MISPLACED}` }),
  );
  await data(host.request('credentials.create', { profileId: profile.id, label: MISPLACED, secret: KEY }));
  await data(
    host.request('settings.set', {
      values: {
        systemPrompt: SAID,
        modelAliases: { [MISPLACED]: 'm' },
        logDetail: 'detailed',
        summaryModel: MISPLACED,
      },
    }),
  );
  const socket = await host.connect();
  for (const script of [answer(401, { error: { message: `Incorrect API key ${KEY}` } }), [text(SAID), finish()]]) {
    fake.next(script);
    const ended = new Promise<void>((resolve) => {
      for (const name of ['run.completed', 'run.failed']) socket.once(name, () => resolve());
    });
    await socket.emitWithAck('run', { session_id: 's1', input: SAID, profile: MISPLACED, model: 'm' });
    await ended;
  }
  // A page that fails quotes what it was drawing.
  await data(
    host.request('diagnostics.pageFailed', {
      place: 'chat',
      error: 'TypeError',
      stack: `TypeError: cannot draw ${SAID}\n    at Turn (turn.js:1:2)\n${SAID}`,
    }),
  );

  const bundle = await data(host.request('diagnostics.collect', {}));
  expect(bundle.files.map(({ part }) => part)).toEqual(['about', 'settings', 'store', 'keys', 'log']);
  const whole = bundle.files.map((file) => file.text).join('\n');
  for (const secret of [SAID, MISPLACED, TOKEN, 'a passphrase of the test']) expect(whole).not.toContain(secret);
  expect(new SecretMatcher([KEY]).scrub(whole)).toBe(whole);
  expect(whole).not.toContain(homedir());
  // And it does say what helps.
  const of = (part: string) => bundle.files.find((file) => file.part === part)?.text ?? '';
  expect(JSON.parse(of('about'))).toMatchObject({ host: 'headless', platform: process.platform });
  expect(JSON.parse(of('store'))).toMatchObject({ schemaVersion: expect.any(Number) as number, rows: { runs: 2 } });
  expect(JSON.parse(of('keys'))).toMatchObject({
    profiles: [{ kind: 'demo' }, { kind: 'openai-chat', address: 'this computer', keys: [{ storage: 'sealed' }] }],
  });
  expect(JSON.parse(of('settings'))).toMatchObject({
    theme: 'system',
    systemPrompt: `left out (${SAID.length} characters)`,
  });
  expect(of('log')).toContain('at Turn (turn.js:1:2)');
  expect(of('log')).toContain('"route":"chat.run"');
  for (const file of bundle.files) expect(file.sizeBytes).toBe(Buffer.byteLength(file.text));

  // A conversation only where it is asked for.
  const withTalk = await data(host.request('diagnostics.collect', { sessionId: 's1' }));
  expect(withTalk.files.at(-1)).toMatchObject({ part: 'conversation' });
  expect(withTalk.files.at(-1)?.text).toContain(SAID);
  expect(await host.request('diagnostics.collect', { sessionId: 'nobody' })).toMatchObject({ ok: false });

  const names = ['about.json', 'log.jsonl'];
  const zip = await data(host.request('diagnostics.zip', { bundleId: withTalk.bundleId, files: names }));
  const path = join(tempDir(), 'saved.zip');
  writeFileSync(path, Buffer.from(zip.data, 'base64'));
  const saved = await openZip(path);
  expect([...saved.names].sort()).toEqual(names);
  for (const name of names)
    expect(await saved.text(name)).toBe(withTalk.files.find((file) => file.name === name)?.text);
  saved.close();
  // What was not shown last is not saved.
  for (const [bundleId, files] of [
    [bundle.bundleId, names],
    [withTalk.bundleId, ['../sluice.db']],
  ] as const)
    expect(await host.request('diagnostics.zip', { bundleId, files: [...files] })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
  expect(await host.stop()).toBe(0);
}, 60_000);

it('[E12] a setting that nobody vouched for is left out of a bundle', () => {
  const made = { ...DEFAULT_SETTINGS, newText: 'sk-abc', newList: ['sk-abc'], newChoice: undefined };
  const plain = plainSettings(made);
  expect(JSON.stringify(plain)).not.toContain('sk-abc');
  expect(plain).toMatchObject({ theme: 'system', maxQueuePerSession: 50, quickKeys: null });
  expect(Object.keys(plain)).toEqual(Object.keys(made));
});

it.each([
  ['an exception', `throw new TypeError("planted "+${JSON.stringify(KEY)})`, 'exception'],
  ['a rejection', `Promise.reject(new TypeError("planted "+${JSON.stringify(KEY)}))`, 'rejection'],
])(
  '[E12] [E1-01] %s that nobody caught closes the store, leaves a scrubbed record, and is told once',
  async (_name, body, kind) => {
    const dir = tempDir();
    const paths = dataPaths(dir);
    const host = await startHeadlessProcess(dir, fallOn('SIGUSR2', body));
    onTestFinished(() => host.kill());
    const profile = await data(
      host.request('profiles.create', { name: 'p', kind: 'openai-chat', baseUrl: 'http://127.0.0.1:9' }),
    );
    await data(host.request('credentials.create', { profileId: profile.id, label: 'k', secret: KEY }));
    process.kill(host.pid, 'SIGUSR2');
    expect(await host.ended()).toBe(1);
    expect(host.stderr()).toMatch(/^Sluice ended unexpectedly: planted .*\nWhat was stored is safe\./);
    expect(host.stderr()).not.toContain(KEY);

    const record = readCrashRecord(paths.crash);
    expect(record).toMatchObject({ kind, host: 'headless', error: 'TypeError', seen: false });
    expect(statSync(paths.crash).mode & 0o777).toBe(0o600);
    for (const path of [paths.crash, paths.log]) expect(readFileSync(path, 'utf8')).not.toContain(KEY);
    expect(readFileSync(paths.log, 'utf8')).toContain('Sluice ends unexpectedly');
    // Closed, not cut off: SQLite took its log files back.
    expect(() => statSync(`${paths.database}-wal`)).toThrow(/ENOENT/);
    expect(await inspectStore(paths.database)).toMatchObject({ state: 'whole' });

    const next = await startHeadlessProcess(dir);
    onTestFinished(() => next.kill());
    expect((await data(next.request('app.info', {}))).crash).toEqual({ atMs: record?.atMs, version: record?.version });
    expect((await data(next.request('profiles.list', {}))).profiles.map(({ name }) => name)).toContain('p');
    await data(next.request('diagnostics.seenCrash', {}));
    expect((await data(next.request('app.info', {}))).crash).toBeNull();
    // The bundle still has it.
    const { files } = await data(next.request('diagnostics.collect', {}));
    expect(files.find(({ part }) => part === 'crash')?.text).toContain('TypeError');
    expect(await next.stop()).toBe(0);
  },
  60_000,
);
