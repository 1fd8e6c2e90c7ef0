import type { LoggedEvent } from '#contract/events';
import { inputText } from '#contract/message';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import type { PriceSnapshot } from '#contract/usage-report';
import { type Clock, ManualClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import type { ContextPorts } from '../runs/context-meter.ts';
import type { LoadParts } from '../runs/prepare-request.ts';
import { RunLog } from '../runs/run-log.ts';
import { RunService } from '../runs/run-service.ts';
import { RunSlots } from '../runs/run-slots.ts';
import type { LeftoverUpstream } from '../runs/upstream-leftovers.ts';
import type { UpstreamPort } from '../runs/upstream-port.ts';
import { openStore, type Store } from '../store/store.ts';
import { CallLedger } from '../usage/call-ledger.ts';
import { layStore } from './lay-store.ts';

/** The runs core on a real database, with an upstream of the test's choice. */
export interface RunsHarness {
  store: Store;
  log: RunLog;
  runs: RunService;
  settings: Settings;
  slots: RunSlots;
  /** Every committed event since this harness was opened. */
  events: LoggedEvent[];
  /** What was logged as an error; a test that expects none asserts that it is empty. */
  errors: { fields: Record<string, unknown>; message: string }[];
  warnings: { fields: Record<string, unknown>; message: string }[];
  /** Ends the process of the harness as `kill -9` would: nothing more is written, nothing is closed in order. */
  kill(): void;
}

/** Attachments as lines, for tests that are about something else. */
const namedOnly: LoadParts = (blocks) =>
  Promise.resolve({ content: inputText([...blocks]), parts: null, usedBytes: 0 });

export async function openRunsHarness(options: {
  dir: string;
  upstream: UpstreamPort & Partial<LeftoverUpstream>;
  loadParts?: LoadParts;
  context?: ContextPorts;
  clock?: Clock;
  settings?: Partial<Settings>;
  /** What a model costs; unknown when absent. */
  priceOf?: (profile: string, model: string | null) => PriceSnapshot | null;
  /** Rejects when no new call may begin. */
  assertMayCall?: () => Promise<void>;
  nextId: () => string;
}): Promise<RunsHarness> {
  const clock = options.clock ?? new ManualClock();
  const { upstream } = options;
  const errors: RunsHarness['errors'] = [];
  const warnings: RunsHarness['warnings'] = [];
  const logger: Logger = {
    info: () => undefined,
    warn: (fields, message) => void warnings.push({ fields, message }),
    error: (fields, message) => void errors.push({ fields, message }),
    flush: () => undefined,
  };
  layStore(options.dir);
  const store = openStore(dataPaths(options.dir), { clock });
  if (store.profiles.byName('demo') === null) {
    store.profiles.insert({
      id: 'demo',
      name: 'demo',
      kind: 'demo',
      base_url: '',
      default_model: null,
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    });
  }
  const log = new RunLog({ committer: store.committer, events: store.events, sessions: store.sessions, clock, logger });
  const events: LoggedEvent[] = [];
  log.subscribe((event) => events.push(event));
  // Tests that are not about compaction have as many messages as they like.
  const settings = { ...DEFAULT_SETTINGS, compressionEnabled: false, ...options.settings };
  const slots = new RunSlots(() => settings.maxConcurrentRuns);
  const calls = new CallLedger({
    store,
    clock,
    logger,
    prices: {
      prepare: () => Promise.resolve(),
      find: (profile, model) => options.priceOf?.(profile, model) ?? null,
    },
    defaultModelOf: () => null,
    picturesOf: () => 'openai',
    labelOf: (id) => `label of ${id}`,
    assertMayCall: options.assertMayCall ?? (() => Promise.resolve()),
  });
  const runs = new RunService({
    store,
    calls,
    log,
    settings: () => settings,
    upstream: {
      stopStyle: (profile) => upstream.stopStyle(profile),
      start: (profile, request, signal, notices) => upstream.start(profile, request, signal, notices),
      attach: (profile, upstreamRunId, signal) => upstream.attach(profile, upstreamRunId, signal),
      deleteUpstreamSession: async (profile, id, signal) =>
        (await upstream.deleteUpstreamSession?.(profile, id, signal)) ?? 'unsupported',
      stopRun: async (profile, id, signal) => (await upstream.stopRun?.(profile, id, signal)) ?? 'gone',
    },
    loadParts: options.loadParts ?? namedOnly,
    context: options.context ?? {
      // A token a word, in a window that is never full.
      countTokens: (texts) => Promise.resolve(texts.map((text) => text.split(/\s+/).length)),
      fileTokens: (blocks) => Promise.resolve(blocks.filter((block) => block.type !== 'text').length * 100),
      windowOf: () => Promise.resolve({ tokens: 1_000_000_000, source: 'default' as const }),
    },
    slots,
    clock,
    logger,
    newId: options.nextId,
  });
  await runs.recover();
  return {
    store,
    log,
    runs,
    settings,
    slots,
    events,
    errors,
    warnings,
    kill: () => store.db.close(),
  };
}

/** Ids that a failing run can be read by: `id1`, `id2`, … */
export function countingIds(): () => string {
  let next = 0;
  return () => `id${++next}`;
}
