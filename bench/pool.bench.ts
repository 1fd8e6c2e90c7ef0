import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { CredentialPool } from '../src-main/credentials/credential-pool.ts';
import { CredentialSecrets } from '../src-main/credentials/credential-secrets.ts';
import { SecretKeeper } from '../src-main/credentials/secret-keeper.ts';
import { type CredentialSource, Gateway } from '../src-main/gateway/gateway.ts';
import { HealthWindow } from '../src-main/gateway/health-window.ts';
import type { UpstreamAdapter, UpstreamRequest } from '../src-main/gateway/upstream-adapter.ts';
import type { UpstreamEvent } from '../src-main/gateway/upstream-event.ts';
import { systemClock } from '../src-main/platform/clock.ts';
import type { SecretCipher } from '../src-main/platform/host-capabilities.ts';
import { silentLogger } from '../src-main/platform/logger.ts';
import { dataPaths, ensureDataDir } from '../src-main/platform/paths.ts';
import { SecretScrubber } from '../src-main/platform/scrub.ts';
import { openStore } from '../src-main/store/store.ts';
import { median, percentile, round } from './processes.ts';

// Keys: how many leases and reports a second the pool makes with 200 keys, and what it adds to a request. The keys are
// sealed rows of a real database, so that counters are written behind as in life. The floor of the first is the same loop
// with one key that is always there (by the second of CPU time, which other work on the machine does not change), of the second the same gateway with that key; both take turns in the same process.

const KEYS = 200;
const ROUNDS = 7;
const LEASES = 100_000;
const REQUESTS = 4000;
const ABORTED_REQUESTS = 10_000;
const GOALS = { leasesPerSecond: 200_000, addedP50Ms: 0.05, heapGrowthMb: 10 };
const ORIGIN = 'https://upstream.test';

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
ensureDataDir(dir);
const store = openStore(dataPaths(dir), { clock: systemClock });
let made = 0;
const settings = { ...DEFAULT_SETTINGS };
const cipher: SecretCipher = {
  kind: 'bench',
  seal: async (plain) => new Uint8Array(Buffer.from(plain)),
  open: async (sealed) => Buffer.from(sealed).toString(),
};
const scrubber = new SecretScrubber();
const newId = () => `id-${made++}`;
const keeper = await SecretKeeper.open({ store, host: { cipher }, clock: systemClock, logger: silentLogger, newId });
const pool = new CredentialPool({
  store,
  secrets: new CredentialSecrets({ store, keeper, scrubber, clock: systemClock }),
  scrubber,
  clock: systemClock,
  newId,
  settings: () => settings,
});

const single: CredentialSource = {
  lease: async () => ({
    credentialId: 'one',
    secret: 'secret',
    waitedMs: 0,
    answering: () => undefined,
    report: () => undefined,
    release: () => undefined,
  }),
};

async function leases(source: CredentialSource, conversations: number): Promise<number> {
  const question = { profileId: 'p', origin: ORIGIN, model: 'm' };
  const before = process.threadCpuUsage();
  for (let index = 0; index < LEASES; index++) {
    const conversation = conversations === 0 ? null : `s${index % conversations}`;
    const lease = await source.lease({ ...question, conversation });
    lease?.report({ kind: 'success' });
    lease?.release();
    // As in life: timers and transactions get their turn.
    if (index % 1000 === 999) await nextTurn();
  }
  const { user, system } = process.threadCpuUsage(before);
  return LEASES / ((user + system) / 1_000_000);
}

async function* oneAnswer(): AsyncGenerator<readonly UpstreamEvent[]> {
  yield [{ type: 'text', text: 'hello' }];
  yield [{ type: 'completed', output: null, finishReason: 'stop', usage: null }];
}

/** An upstream that answers at once, so that only our own way is measured. */
const instant: UpstreamAdapter = {
  kind: 'openai-chat',
  stopStyle: 'close-socket',
  needsCredential: true,
  chatUrl: () => '',
  start: async () => ({
    upstreamRunId: null,
    status: 'started',
    model: 'm',
    events: oneAnswer(),
    stop: async () => 'stopped',
  }),
};

function gatewayWith(credentials: CredentialSource): Gateway {
  const health = new HealthWindow(0);
  return new Gateway({
    profiles: { byName: (name) => ({ id: 'p', name, kind: 'openai-chat', baseUrl: ORIGIN, defaultModel: 'm' }) },
    credentials,
    settings: () => settings,
    clock: systemClock,
    adapterOf: () => instant,
    ended: (record) => health.add(record),
  });
}

const request: UpstreamRequest = {
  runId: 'r',
  sessionId: 's',
  model: 'm',
  instructions: null,
  history: [],
  input: { content: 'hello', parts: null },
  parameters: {},
};

async function requests(gateway: Gateway): Promise<number[]> {
  const samples: number[] = [];
  const { signal } = new AbortController();
  for (let index = 0; index < REQUESTS; index++) {
    const startMs = performance.now();
    const { run } = await gateway.start('work', { ...request, sessionId: `s${index % 500}` }, signal);
    for await (const batch of run.events) if (batch.length === 0) throw new Error('An empty batch.');
    samples.push(performance.now() - startMs);
    if (index % 100 === 99) await nextTurn();
  }
  return samples;
}

/** A request that is stopped before its first part, after it, or never. */
async function interrupted(gateway: Gateway, index: number): Promise<void> {
  const controller = new AbortController();
  const sessionId = `s${index % 500}`;
  try {
    const starting = gateway.start('work', { ...request, runId: `r${index}`, sessionId }, controller.signal);
    if (index % 3 === 0) controller.abort(new Error('stopped'));
    const { run } = await starting;
    for await (const batch of run.events)
      if (batch.length > 0 && index % 3 === 1) controller.abort(new Error('stopped'));
  } catch (thrown) {
    if (thrown !== controller.signal.reason) throw thrown;
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heapMb(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await nextTurn();
    collect();
  }
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

try {
  await store.committer.commit(() =>
    store.profiles.insert({
      id: 'p',
      name: 'work',
      kind: 'openai-chat',
      base_url: ORIGIN,
      default_model: 'm',
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    }),
  );
  for (let index = 0; index < KEYS; index++) {
    const secret = `sk-bench-${index}-0123456789abcdef`;
    await pool.records.create({
      profileId: 'p',
      origin: ORIGIN,
      label: `key ${index}`,
      secret,
      maxInFlight: 3,
      priority: index % 5,
    });
  }
  const figures: Record<string, number[]> = { priority: [], balanced: [], conversations: [], floor: [] };
  const added: { pool: number[]; floor: number[] } = { pool: [], floor: [] };
  const pooled = gatewayWith(pool);
  const plain = gatewayWith(single);
  for (let round = 0; round < ROUNDS; round++) {
    settings.credentialMode = 'priority';
    figures['priority']?.push(await leases(pool, 0));
    figures['conversations']?.push(await leases(pool, 2000));
    settings.credentialMode = 'balanced';
    figures['balanced']?.push(await leases(pool, 0));
    figures['floor']?.push(await leases(single, 0));
    settings.credentialMode = 'priority';
    added.pool.push(...(await requests(pooled)));
    added.floor.push(...(await requests(plain)));
  }
  // The ring of health fills before: it is as large as it gets.
  const heapBeforeMb = await heapMb();
  for (let index = 0; index < ABORTED_REQUESTS; index++) {
    await interrupted(pooled, index);
    if (index % 100 === 99) await nextTurn();
  }
  const heapAfterMb = await heapMb();
  const held = pool.records.list().reduce((sum, key) => sum + key.inFlight, 0);
  const perSecond = Object.fromEntries(
    Object.entries(figures).map(([name, samples]) => [name, Math.round(median(samples) ?? 0)]),
  );
  const addedP50Ms = (percentile(added.pool, 0.5) ?? 0) - (percentile(added.floor, 0.5) ?? 0);
  const slowest = Math.min(perSecond['priority'] ?? 0, perSecond['balanced'] ?? 0, perSecond['conversations'] ?? 0);
  process.stdout.write(
    `${JSON.stringify({
      name: 'pool',
      goals: GOALS,
      keys: KEYS,
      leasesAndReportsPerSecond: { ...perSecond, met: slowest >= GOALS.leasesPerSecond },
      memory: {
        requests: ABORTED_REQUESTS,
        heapBeforeMb: round(heapBeforeMb),
        heapAfterMb: round(heapAfterMb),
        permitsHeld: held,
        met: heapAfterMb - heapBeforeMb <= GOALS.heapGrowthMb && held === 0,
      },
      request: {
        pooledP50Ms: round(percentile(added.pool, 0.5), 4),
        pooledP99Ms: round(percentile(added.pool, 0.99), 4),
        floorP50Ms: round(percentile(added.floor, 0.5), 4),
        floorP99Ms: round(percentile(added.floor, 0.99), 4),
        addedP50Ms: round(addedP50Ms, 4),
        met: addedP50Ms <= GOALS.addedP50Ms,
      },
    })}\n`,
  );
} finally {
  await pool.close();
  store.close();
  rmSync(dir, { recursive: true, force: true });
}
