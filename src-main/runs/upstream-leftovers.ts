import { AbortReason } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { Store } from '../store/store.ts';

/** What removes a throw-away session; the gateway. */
export interface LeftoverUpstream {
  /** @throws AppFailure when it is to be tried again. */
  deleteUpstreamSession(
    profile: string,
    upstreamSessionId: string,
    signal: AbortSignal,
  ): Promise<'deleted' | 'gone' | 'unsupported'>;
  stopRun(profile: string, upstreamRunId: string, signal: AbortSignal, baseUrl?: string): Promise<unknown>;
}

const EVERY_MS = 300_000;
/** A start has more urgent things to do. */
const FIRST_AFTER_MS = 10_000;
const MOST_AT_ONCE = 50;
/** E8-29: the third failure is the last. */
const MOST_ATTEMPTS = 3;
const BACKOFF_MS = 60_000;

/**
 * Removes the throw-away sessions that runs left at their upstreams, of every profile (BUG-A34). A failure counts, waits,
 * and after the third the session is dead and shown to the person. Nothing is removed before its run is stored.
 */
export class UpstreamLeftovers {
  readonly #parts: { store: Store; clock: Clock; logger: Logger; upstream: LeftoverUpstream };
  readonly #controller = new AbortController();
  #cancelTimer: (() => void) | null = null;

  constructor(parts: { store: Store; clock: Clock; logger: Logger; upstream: LeftoverUpstream }) {
    this.#parts = parts;
  }

  begin(): void {
    this.#cancelTimer = this.#parts.clock.after(FIRST_AFTER_MS, () => void this.#sweepAndWait());
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#controller.abort(new AbortReason('shutdown'));
  }

  async #sweepAndWait(): Promise<void> {
    await this.sweep();
    if (this.#controller.signal.aborted) return;
    this.#cancelTimer = this.#parts.clock.after(EVERY_MS, () => void this.#sweepAndWait());
  }

  /** Tries everything whose turn has come, once. Never rejects. */
  async sweep(): Promise<void> {
    const { store, clock, logger } = this.#parts;
    try {
      for (const item of store.upstreamSessions.due(clock.now(), MOST_AT_ONCE)) {
        if (this.#controller.signal.aborted) return;
        await this.#remove(item.profile, item.upstreamSessionId, item.attempts);
      }
    } catch (thrown) {
      logger.error(describeThrown(thrown), 'sessions at upstreams could not be removed');
    }
  }

  async #remove(profile: string, id: string, attempts: number): Promise<void> {
    const { store, clock, upstream } = this.#parts;
    try {
      await upstream.deleteUpstreamSession(profile, id, this.#controller.signal);
      // An upstream that has no way to remove it is not asked again.
      await store.committer.commit(() => store.upstreamSessions.remove(id));
    } catch (thrown) {
      if (this.#controller.signal.aborted) return;
      const { message } = describeThrown(thrown);
      const nextAtMs = clock.now() + BACKOFF_MS * 2 ** attempts;
      await store.committer.commit(() => store.upstreamSessions.failed(id, String(message), nextAtMs, MOST_ATTEMPTS));
    }
  }
}
