import type { ProfileKind } from '#contract/records';
import { type Clock, systemClock } from '../../platform/clock.ts';
import type {
  UpstreamCapabilities,
  UpstreamContext,
  UpstreamDeadlines,
  UpstreamRequest,
  UpstreamRun,
} from '../upstream-adapter.ts';
import type { UpstreamEvent, UpstreamTerminal } from '../upstream-event.ts';
import { isUpstreamTerminal } from '../upstream-event.ts';

export const SECRET = 'sk-test-abcdefghijklmnopqrstuvwxyz0123456789';

/** The part of a lease that a pool would keep book with. */
export const INERT_LEASE = {
  waitedMs: 0,
  answering: () => undefined,
  report: () => undefined,
  release: () => undefined,
};

export function requestOf(fields: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    runId: `0190-${Math.random().toString(36).slice(2)}`,
    sessionId: 's1',
    model: 'test-model',
    instructions: null,
    history: [],
    input: { content: 'hello', parts: null },
    parameters: {},
    ...fields,
  };
}

export function contextOf(
  kind: ProfileKind,
  baseUrl: string,
  fields: {
    signal?: AbortSignal;
    clock?: Clock;
    deadlines?: Partial<UpstreamDeadlines>;
    secret?: string | null;
    capabilities?: UpstreamCapabilities | null;
    attempt?: number;
  } = {},
): UpstreamContext {
  return {
    target: { profileName: 'test', kind, baseUrl, secret: fields.secret === undefined ? SECRET : fields.secret },
    deadlines: { headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 3_600_000, ...fields.deadlines },
    clock: fields.clock ?? systemClock,
    signal: fields.signal ?? new AbortController().signal,
    capabilities: () => Promise.resolve(fields.capabilities ?? null),
    attempt: fields.attempt ?? 1,
  };
}

/** Everything a run says, as one list. */
export async function eventsOf(run: UpstreamRun): Promise<UpstreamEvent[]> {
  const events: UpstreamEvent[] = [];
  for await (const batch of run.events) events.push(...batch);
  return events;
}

export function textOf(events: readonly UpstreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

export function reasoningOf(events: readonly UpstreamEvent[]): string {
  return events.map((event) => (event.type === 'reasoning' ? event.text : '')).join('');
}

/** The terminal event, after checking that there is exactly one and that it is the last. */
export function terminalOf(events: readonly UpstreamEvent[]): UpstreamTerminal {
  const terminals = events.filter(isUpstreamTerminal);
  const [terminal] = terminals;
  if (terminal === undefined || terminals.length > 1 || events.at(-1) !== terminal) {
    throw new Error(`Expected one terminal event at the end, got ${JSON.stringify(events.slice(-3))}`);
  }
  return terminal;
}

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('Expected a rejection.');
}

/** A run that is read in the background, to be looked at while it goes on. */
export class Reading {
  readonly events: UpstreamEvent[] = [];
  readonly done: Promise<void>;
  #watchers: { isTrue: (events: readonly UpstreamEvent[]) => boolean; resolve: () => void }[] = [];

  constructor(run: UpstreamRun) {
    this.done = this.#read(run);
  }

  /** Resolves once what was read so far satisfies the condition. */
  until(isTrue: (events: readonly UpstreamEvent[]) => boolean): Promise<void> {
    if (isTrue(this.events)) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ isTrue, resolve }));
  }

  async #read(run: UpstreamRun): Promise<void> {
    for await (const batch of run.events) {
      this.events.push(...batch);
      this.#watchers = this.#watchers.filter((watcher) => {
        if (!watcher.isTrue(this.events)) return true;
        watcher.resolve();
        return false;
      });
    }
  }
}
