import type { LoggedEvent } from '#contract/events';
import type { Message } from '#contract/message';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { RunLog } from './run-log.ts';

/** What can be said of a run's life. Names of the runs API. */
export type RunLifecycleType =
  | 'run_started'
  | 'run_completed'
  | 'run_failed'
  | 'run_cancelled'
  | 'human_message'
  | 'thread_status_updated';

export interface RunLifecycleEvent {
  /** `<run>:<type>:<sequence>` */
  event_id: string;
  event_type: RunLifecycleType;
  run_id: string;
  thread_id: string;
  /** Counts from 1 for each run. */
  sequence: number;
  /** Unix milliseconds. */
  occurred_at: number;
  payload: Record<string, unknown>;
}

/** Hears of runs. One that is slow is waited for before it hears the next thing; one that fails harms nobody else. */
export interface RunObserver {
  name: string;
  heard(event: RunLifecycleEvent): void | Promise<void>;
}

type Said = { type: RunLifecycleType; payload: Record<string, unknown> };

function saidBy(event: LoggedEvent): Said[] {
  switch (event.event) {
    case 'run.peer_user_message': {
      const message: Message = event.message;
      return [
        { type: 'run_started', payload: { profile: event.profile, model: event.model } },
        { type: 'human_message', payload: { message } },
        { type: 'thread_status_updated', payload: { status: 'busy' } },
      ];
    }
    case 'run.completed':
      return [
        { type: 'run_completed', payload: { usage: event.usage, finish_reason: event.finish_reason } },
        { type: 'thread_status_updated', payload: { status: 'idle' } },
      ];
    case 'run.failed':
      return [
        { type: 'run_failed', payload: { error: event.error, error_type: event.error_info.code, usage: event.usage } },
        {
          type: 'thread_status_updated',
          payload: { status: event.status === 'interrupted' ? 'interrupted' : 'error' },
        },
      ];
    case 'run.cancelled':
    case 'abort.completed':
      return [
        { type: 'run_cancelled', payload: { cancel_mode: 'interrupt', usage: event.usage } },
        { type: 'thread_status_updated', payload: { status: 'interrupted' } },
      ];
    default:
      return [];
  }
}

interface Listening {
  observer: RunObserver;
  waiting: RunLifecycleEvent[];
  isBusy: boolean;
}

/** Something waits for an observer: more than this, and it is told so in the log and hears no more of the past. */
const MOST_WAITING = 10_000;

/**
 * Tells observers of runs what became of them, in order. The observer that may not fail is none of these: a run's end is
 * stored in the transaction that its event comes from, and only then told (BUG-C9). So what is heard here has happened.
 */
export class RunLifecycle {
  readonly #logger: Logger;
  readonly #observers: Listening[] = [];
  readonly #sequences = new Map<string, number>();
  readonly #unsubscribe: () => void;

  constructor(parts: { log: RunLog; logger: Logger }) {
    this.#logger = parts.logger;
    this.#unsubscribe = parts.log.subscribe((event) => this.#heard(event));
  }

  observe(observer: RunObserver): void {
    this.#observers.push({ observer, waiting: [], isBusy: false });
  }

  #heard(event: LoggedEvent): void {
    const runId = event.run_id;
    if (runId === undefined || event.session_id === null) return;
    for (const { type, payload } of saidBy(event)) {
      const sequence = (this.#sequences.get(runId) ?? 0) + 1;
      this.#sequences.set(runId, sequence);
      const told: RunLifecycleEvent = {
        event_id: `${runId}:${type}:${sequence}`,
        event_type: type,
        run_id: runId,
        thread_id: event.session_id,
        sequence,
        occurred_at: event.ts,
        payload,
      };
      if (type === 'thread_status_updated' && payload['status'] !== 'busy') this.#sequences.delete(runId);
      for (const one of this.#observers) this.#tell(one, told);
    }
  }

  #tell(one: Listening, event: RunLifecycleEvent): void {
    if (one.waiting.length >= MOST_WAITING) {
      one.waiting.length = 0;
      this.#logger.warn({ observer: one.observer.name }, 'an observer of runs is too slow and missed some');
    }
    one.waiting.push(event);
    if (!one.isBusy) void this.#drain(one);
  }

  async #drain(one: Listening): Promise<void> {
    one.isBusy = true;
    for (let next = one.waiting.shift(); next !== undefined; next = one.waiting.shift()) {
      try {
        await one.observer.heard(next);
      } catch (thrown) {
        this.#logger.error({ observer: one.observer.name, ...describeThrown(thrown) }, 'an observer of runs failed');
      }
    }
    one.isBusy = false;
  }

  stop(): void {
    this.#unsubscribe();
  }
}
