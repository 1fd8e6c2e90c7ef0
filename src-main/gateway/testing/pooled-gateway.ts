import { onTestFinished } from 'vitest';
import type { ProfileKind } from '#contract/records';
import { FakeUpstream } from '../../../e2e/fake-upstream/fake-upstream.ts';
import type { PoolSettings } from '../../credentials/credential-record.ts';
import type { NewCredential } from '../../credentials/key-records.ts';
import { openPool, PROFILE, type TestPool } from '../../credentials/testing/open-pool.ts';
import { type Clock, ManualClock } from '../../platform/clock.ts';
import type { CallRecord } from '../call-record.ts';
import { type CredentialSource, Gateway, type RetryNotice, type StartedCall } from '../gateway.ts';
import type { UpstreamRequest } from '../upstream-adapter.ts';
import { requestOf } from './calls.ts';

/** The real gateway and pool before an upstream behind real sockets. */
export interface PooledGateway {
  fake: FakeUpstream;
  world: TestPool;
  gateway: Gateway;
  clock: Clock;
  records: CallRecord[];
  retries: RetryNotice[];
  moves: (string | null)[];
  /** Ids of keys by their label. */
  ids: Map<string, string>;
  add(label: string, fields?: Partial<NewCredential>): Promise<string>;
  /** A script is for this key when it has this. */
  secret(label: string): string;
  start(fields?: Partial<UpstreamRequest>, signal?: AbortSignal): Promise<StartedCall>;
  /** Labels of the keys that requests for an answer came with, oldest first. */
  keysUsed(): string[];
  /** Lets a manual clock run until something has settled: slowly, so that real sockets keep up with its deadlines. */
  hurry<T>(promise: Promise<T>, stepMs?: number): Promise<T>;
  of(label: string): ReturnType<TestPool['of']>;
}

const ANSWER_PATH = /^\/v1\/(runs|chat\/completions|messages)$/;

export async function openPooledGateway(options: {
  kind?: ProfileKind;
  clock?: Clock;
  settings?: Partial<PoolSettings> & { maxRequestsInFlight?: number; idleTimeoutMs?: number };
  source?: Partial<CredentialSource>;
}): Promise<PooledGateway> {
  const { kind = 'openai-chat' } = options;
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const clock = options.clock ?? new ManualClock();
  const world = await openPool({ clock, origin: fake.url, settings: options.settings ?? {} });
  const records: CallRecord[] = [];
  const retries: RetryNotice[] = [];
  const moves: (string | null)[] = [];
  const ids = new Map<string, string>();
  const { pool } = world;
  const gateway = new Gateway({
    profiles: { byName: (name) => ({ id: PROFILE, name, kind, baseUrl: fake.url, defaultModel: 'm' }) },
    credentials: {
      lease: (question) => pool.lease(question),
      others: (question) => pool.others(question),
      kept: () => pool.kept(),
      count: (profileId) => pool.count(profileId),
      leaseFor: (id, origin) => pool.leaseFor(id, origin),
      ...options.source,
    },
    settings: () => ({ headersTimeoutMs: 20_000, idleTimeoutMs: 10_000, totalTimeoutMs: 600_000, ...options.settings }),
    clock,
    random: () => 0.5,
    ended: (record) => records.push(record),
  });
  onTestFinished(() => gateway.close());
  const labelOf = (secret: string) => /^secret-(.+)-0123456789$/.exec(secret)?.[1] ?? secret;
  return {
    fake,
    world,
    gateway,
    clock,
    records,
    retries,
    moves,
    ids,
    async add(label, fields) {
      const id = await world.add(label, fields);
      ids.set(label, id);
      return id;
    },
    secret: (label) => `secret-${label}-0123456789`,
    start: (fields = {}, signal = new AbortController().signal) =>
      gateway.start('work', requestOf(fields), signal, {
        retrying: (notice) => retries.push(notice),
        moved: (id) => moves.push(id),
      }),
    keysUsed: () =>
      fake.requestsTo('POST', ANSWER_PATH).map(({ headers }) => {
        const key = headers['x-api-key'] ?? headers['authorization'];
        return labelOf(String(key).replace('Bearer ', ''));
      }),
    async hurry(promise, stepMs = 5) {
      let isOver = false;
      const settled = promise.then(
        () => undefined,
        () => undefined,
      );
      void settled.then(() => {
        isOver = true;
      });
      for (let round = 0; round < 6000 && !isOver; round++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (!isOver && clock instanceof ManualClock) clock.advance(stepMs);
      }
      return promise;
    },
    of: (label) => world.of(ids.get(label) ?? ''),
  };
}
