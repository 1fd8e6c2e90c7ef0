import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import type { Step } from '../e2e/fake-upstream/script.ts';
import {
  answer,
  approval,
  cut,
  fail,
  finish,
  reasoning,
  text,
  toolEnd,
  toolStart,
} from '../e2e/fake-upstream/script.ts';
import { ManualClock } from './platform/clock.ts';
import { systemDisk } from './platform/disk.ts';
import { dataPaths } from './platform/paths.ts';
import { SecretMatcher } from './platform/secret-matcher.ts';
import { backUpLive } from './store/backup.ts';
import { openStore } from './store/store.ts';
import { startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const KINDS = ['openai-chat', 'anthropic', 'hermes'] as const;
/** Characters that change when they are escaped, encoded or put into an address; `:` and `@` as well. */
const TAILS = ['abcdefghij', 'a+b/c=d==', 'q"uo\\te"s', 'p%20e&r?c', 'at@co:lon'];

/** Twenty keys that nothing else looks like. */
const CANARIES = Array.from({ length: 20 }, (_, index) => {
  const digits = ((index + 1) * 7_919_317_771).toString(36).repeat(3).slice(0, 18);
  return `cnry${String.fromCharCode(97 + index)}-${digits}-${TAILS[index % TAILS.length] ?? ''}`;
});

/** The ways in which an upstream may give a key back, each a whole text. */
function disguises(key: string): string[] {
  return [
    key,
    JSON.stringify({ key }),
    encodeURIComponent(key),
    Buffer.from(key).toString('base64'),
    Buffer.from(`user:${key}`).toString('base64'),
    Buffer.from(`Bearer ${key}`).toString('base64url'),
  ];
}

/** A text in two deltas, cut in the middle of it. */
function split(before: string, said: string): Step[] {
  const cutAt = Math.floor(said.length / 2);
  return [text(`${before} ${said.slice(0, cutAt)}`), text(`${said.slice(cutAt)} `)];
}

/** Everything that an upstream can say, with the key in it everywhere. */
function scriptsFor(key: string, kind: (typeof KINDS)[number]) {
  const forms = disguises(key);
  const all = forms.join(' | ');
  const echo: Step[] = [
    reasoning(`thinking of ${key.slice(0, 9)}`),
    reasoning(`${key.slice(9)} and ${all}`),
    ...forms.flatMap((form) => split('it is', form)),
    // One character at a time.
    ...Array.from(key, (char) => text(char)),
  ];
  const tools: Step[] = [
    toolStart('read_file', { id: 't1', arguments: JSON.stringify({ path: key, all }), preview: `cat ${key}` }),
    toolEnd('read_file', { id: 't1', output: `the file says ${all}` }),
  ];
  return [
    [...echo, ...(kind === 'anthropic' ? [] : tools), text('done'), finish()],
    [...echo, cut()],
    [text('begun'), fail(`Your key ${all} was not liked`)],
    answer(400, { error: { message: `The key ${all} is odd`, code: key } }),
    answer(401, { error: { message: `Incorrect API key provided: ${all}` } }),
    answer(404, `<html>${all}</html>`),
    answer(200, { error: { message: all, type: key } }),
    ...(kind === 'hermes'
      ? [[approval(`run ${key}`, { description: `with ${key}` }), text('done'), finish({ output: `done ${all}` })]]
      : []),
  ];
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

it('[E10-02] [BUG-D7] [BUG-D17] twenty canary keys, echoed in every form, are nowhere but at their upstreams', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const host = await startHeadlessProcess(dir, { SLUICE_VAULT_PASSPHRASE: 'a passphrase of the test' });
  onTestFinished(() => host.kill());
  /** Everything that a page was told, over the socket and over HTTP. */
  const traffic: string[] = [];
  const socket = await host.connect();
  socket.onAny((...heard: unknown[]) => void traffic.push(JSON.stringify(heard)));
  const request: typeof host.request = async (route, input) => {
    const result = await host.request(route, input);
    traffic.push(JSON.stringify(result));
    return result;
  };
  const data = async <T>(
    asked: Promise<{ ok: true; data: T } | { ok: false; error: { message: string } }>,
  ): Promise<T> => {
    const result = await asked;
    if (!result.ok) throw new Error(result.error.message);
    return result.data;
  };

  await request('settings.set', { values: { prefixHintsEnabled: true } });
  let runs = 0;
  for (const [index, key] of CANARIES.entries()) {
    const kind = KINDS[index % KINDS.length] ?? 'openai-chat';
    const profile = await data(
      request('profiles.create', { name: `p${index}`, kind, baseUrl: fake.url, defaultModel: 'm' }),
    );
    await data(request('credentials.create', { profileId: profile.id, label: `k${index}`, secret: key }));
    await request('credentials.create', { profileId: profile.id, label: `again`, secret: ` ${key}\n` });
    await request('profiles.health', { profileId: profile.id });
    for (const script of scriptsFor(key, kind)) {
      fake.next(script);
      const session = `s${runs++}`;
      const ended = new Promise<void>((resolve) => {
        const onEnd = (event: { session_id: string }) => event.session_id === session && resolve();
        for (const name of ['run.completed', 'run.failed', 'run.cancelled']) socket.on(name, onEnd);
        socket.on('approval.requested', (event: { session_id: string; approval_id: string }) => {
          if (event.session_id !== session) return;
          void socket.emitWithAck('approval_respond', {
            session_id: session,
            approval_id: event.approval_id,
            choice: 'once',
          });
        });
      });
      traffic.push(
        JSON.stringify(await socket.emitWithAck('run', { session_id: session, input: 'hello', profile: `p${index}` })),
      );
      await ended;
      socket.removeAllListeners();
      socket.onAny((...heard: unknown[]) => void traffic.push(JSON.stringify(heard)));
      for (const format of ['json', 'markdown'] as const)
        await request('sessions.export', { sessionId: session, format });
      await request('sessions.page', { sessionId: session });
    }
  }
  // One is replaced by another, by itself, and by what is none.
  const [first] = (await data(request('credentials.list', {}))).credentials;
  for (const secret of [CANARIES[0] ?? '', `${CANARIES[1]} two`, CANARIES[1] ?? ''])
    await request('credentials.replaceSecret', {
      credentialId: first?.id ?? '',
      secret,
      origin: new URL(fake.url).origin,
    });
  await request('sessions.search', { query: CANARIES[0] ?? '' });
  for (const route of ['credentials.list', 'profiles.list', 'app.info', 'proxies.list', 'sessions.list'] as const)
    await request(route, {});
  // What leaves as a file: the ledger, the estimates, and all keys, without their secrets and with them behind a passphrase.
  for (const route of ['credentials.health', 'prefixHints.list', 'usage.calls'] as const) await request(route, {});
  await data(request('usage.export', { fromMs: 0, toMs: 9_000_000_000_000 }));
  const open = await data(request('credentials.export', {}));
  const sealed = await data(request('credentials.export', { passphrase: 'another passphrase' }));
  expect([open.keys, sealed.keys, sealed.withoutSecret]).toEqual([20, 20, []]);
  // Taken back, each is known as the one that is here: so the sealed file did hold them.
  const back = await data(request('credentials.import', { content: sealed.content, passphrase: 'another passphrase' }));
  expect(back.keys.filter(({ outcome }) => outcome === 'there')).toHaveLength(20);
  await request('credentials.import', { content: sealed.content.slice(0, -9), passphrase: 'another passphrase' });
  await request('credentials.test', { credentialIds: back.keys.map(({ credentialId }) => credentialId ?? '') });

  // Each key did reach its upstream, and each run was made.
  const sent = JSON.stringify(fake.requests.map((each) => each.headers));
  for (const key of CANARIES) expect(sent).toContain(JSON.stringify(key).slice(1, -1));
  expect(runs).toBeGreaterThan(140);
  expect(await host.stop()).toBe(0);

  const store = openStore(dataPaths(dir), { clock: new ManualClock() });
  const { file } = await backUpLive(dataPaths(dir).database, join(dir, 'canaries'), {
    reason: 'asked',
    nowMs: 0,
    disk: systemDisk,
  });
  expect(file).toMatch(/^asked-/);
  const marks = store.db.prepare("select count(*) from messages where content like '%[secret]%'").pluck().get();
  expect(marks).toBeGreaterThan(40);
  store.close();

  const matcher = new SecretMatcher(CANARIES);
  const places = new Map<string, string>([
    ['traffic', traffic.join('\n')],
    ['stderr', host.stderr()],
    ...filesUnder(dir).map((path): [string, string] => [path, readFileSync(path).toString('latin1')]),
  ]);
  expect([...places.keys()].some((path) => path.endsWith('.log'))).toBe(true);
  expect([...places.keys()].some((path) => path.includes('canaries'))).toBe(true);
  const hits: string[] = [];
  for (const [place, content] of places) {
    for (const key of CANARIES)
      for (const form of disguises(key)) if (content.includes(form)) hits.push(`${place}: ${form}`);
    // Whatever form the pieces above do not name, and parts of twelve characters and more.
    const clean = matcher.scrub(content);
    if (clean !== content) {
      const at = clean.indexOf('[secret]', firstDifference(clean, content) - 8);
      hits.push(`${place}: …${content.slice(Math.max(0, at - 60), at + 60)}`);
    }
    if (place !== 'traffic' && !place.endsWith('token'))
      expect(content.includes(TOKEN) && place.endsWith('.log')).toBe(false);
  }
  process.stdout.write(
    `canary keys: ${CANARIES.length} keys in ${runs} runs, looked for in ${places.size} places, ${hits.length} found\n`,
  );
  expect(hits).toEqual([]);
}, 180_000);

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charAt(at) === b.charAt(at)) at++;
  return at;
}
