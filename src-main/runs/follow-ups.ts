import type { Usage } from '#contract/events';
import { emptyMessage } from '#contract/message';
import { estimateTokens } from '#contract/token-estimate';
import { missingText } from '../gateway/missing-text.ts';
import { isUpstreamTerminal, type UpstreamTerminal } from '../gateway/upstream-event.ts';
import { AbortReason } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { isolate } from '../platform/isolate.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { FollowUp } from '../store/follow-up-repository.ts';
import type { Store } from '../store/store.ts';
import { settleCall } from '../usage/settle-call.ts';
import type { RunLog } from './run-log.ts';
import type { UpstreamPort } from './upstream-port.ts';

/** An upstream that cannot be reached is asked again after this. */
const RETRY_MS = 30_000;
/** A run that works on is told to stop again and again: the first request may have met an agent that was not there. */
const STOP_AGAIN_MS = 10_000;

interface FollowUpParts {
  store: Store;
  log: RunLog;
  clock: Clock;
  logger: Logger;
  newId: () => string;
  upstream: UpstreamPort & {
    stopRun(profile: string, upstreamRunId: string, signal: AbortSignal, baseUrl?: string): Promise<unknown>;
  };
}

/** The last word of an upstream about a run that was let go of, and all the text that it ever had. */
interface LastWord {
  terminal: UpstreamTerminal;
  streamed: string;
  usage: Usage | null;
}

/**
 * Asks upstreams how runs ended that they did not confirm to have stopped (E4-04): tells them to stop once more, waits for
 * the end, and books its usage and the text that was still missing. What is to be asked stands in the store, so it goes on
 * after a restart.
 */
export class FollowUps {
  readonly #parts: FollowUpParts;
  readonly #asking = new Map<string, AbortController>();
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(parts: FollowUpParts) {
    this.#parts = parts;
  }

  /** Begins with whatever is new in the store. Returns at once. */
  look(): void {
    if (this.#isStopped) return;
    for (const item of this.#parts.store.followUps.list()) {
      if (!this.#asking.has(item.runId)) void this.#follow(item);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const controller of this.#asking.values()) controller.abort(new AbortReason('shutdown'));
  }

  async #follow(item: FollowUp): Promise<void> {
    const { clock, logger } = this.#parts;
    const controller = new AbortController();
    this.#asking.set(item.runId, controller);
    const cancelEnd = clock.after(Math.max(0, item.giveUpAtMs - clock.now()), () =>
      controller.abort(new AbortReason('grace-over')),
    );
    try {
      const word = clock.now() >= item.giveUpAtMs ? null : await this.#ask(item, controller.signal);
      if (!this.#isStopped) await this.#book(item, word);
    } catch (thrown) {
      if (this.#isStopped) return;
      if (clock.now() >= item.giveUpAtMs) await isolate(logger, () => this.#book(item, null));
      else this.#lookLater();
      logger.warn({ run: item.runId, ...describeThrown(thrown) }, 'an upstream could not be asked how a run ended');
    } finally {
      cancelEnd();
      this.#asking.delete(item.runId);
    }
  }

  #lookLater(): void {
    this.#cancelTimer ??= this.#parts.clock.after(RETRY_MS, () => {
      this.#cancelTimer = null;
      this.look();
    });
  }

  /** Null when the upstream knows nothing of the run. */
  async #ask(item: FollowUp, signal: AbortSignal): Promise<LastWord | null> {
    const cancelStops = this.#stopAgain(item, signal);
    try {
      return await this.#listen(item, signal);
    } finally {
      cancelStops();
    }
  }

  /** Tells the upstream to stop, now and until the returned function is called. */
  #stopAgain(item: FollowUp, signal: AbortSignal): () => void {
    const { upstream, clock, logger } = this.#parts;
    const baseUrl = this.#addressOf(item);
    let cancel: () => void = () => undefined;
    const tell = () => {
      void isolate(
        logger,
        async () => void (await upstream.stopRun(item.profile, item.upstreamRunId, signal, baseUrl)),
      );
      cancel = clock.after(STOP_AGAIN_MS, tell);
    };
    tell();
    return () => cancel();
  }

  /** Where the run was started; undefined for the profile's present address. */
  #addressOf({ runId }: FollowUp): string | undefined {
    return this.#parts.store.runs.options(runId)?.baseUrl;
  }

  /** Hears the run to its end. */
  async #listen(item: FollowUp, signal: AbortSignal): Promise<LastWord | null> {
    const { upstream } = this.#parts;
    const attached = await upstream.attach(item.profile, item.upstreamRunId, signal, this.#addressOf(item));
    if (attached === null) return null;
    let streamed = '';
    let usage: Usage | null = null;
    for await (const batch of attached.run.events) {
      for (const event of batch) {
        if (event.type === 'text') streamed += event.text;
        if (event.type === 'usage') usage = event.usage;
        if (isUpstreamTerminal(event)) {
          // Our own end of the waiting is not the upstream's word.
          signal.throwIfAborted();
          return { terminal: event, streamed, usage: event.usage ?? usage };
        }
      }
    }
    return null;
  }

  /**
   * A run that was stopped before its first word has no row yet. It gets one where it still ends the conversation; after
   * that only the log keeps what was said.
   */
  #appendAnswer(item: FollowUp, text: string, { rowId, nowMs }: { rowId: string; nowMs: number }): string | null {
    const { store } = this.#parts;
    if (store.messages.newestRunId(item.sessionId) !== item.runId) return null;
    const row = emptyMessage({
      id: rowId,
      session_id: item.sessionId,
      run_id: item.runId,
      role: 'assistant',
      created_at_ms: nowMs,
    });
    store.messages.append(item.sessionId, [{ ...row, content: text, status: 'aborted', finish_reason: 'aborted' }]);
    store.sessions.setMessageCount(item.sessionId, store.messages.count(item.sessionId));
    return rowId;
  }

  /** The call waited for this word. Without one, what arrived before the stop is what it is booked with. */
  #bookCalls(item: FollowUp, word: LastWord | null): void {
    const { store, clock } = this.#parts;
    const said = word === null ? 0 : estimateTokens(word.streamed);
    store.usage.book(
      store.usage.openOfRun(item.runId).map((call) =>
        settleCall(call, {
          outcome: 'stopped',
          usage: word?.usage ?? null,
          isFinal: true,
          outputEstimate: Math.max(said, call.outputTokens ?? 0),
          endedAtMs: clock.now(),
        }),
      ),
    );
  }

  async #book(item: FollowUp, word: LastWord | null): Promise<void> {
    const { store, log, newId } = this.#parts;
    const rowId = newId();
    await log.write(
      item.sessionId,
      (_live, nowMs) => {
        store.followUps.remove(item.runId);
        this.#bookCalls(item, word);
        const run = store.runs.get(item.runId);
        if (word === null || run === null) return { drafts: [], result: null };
        const rows = store.messages.ofRun(item.runId).filter((row) => row.role === 'assistant');
        const last = rows.at(-1);
        const known = { whole: rows.map((row) => row.content).join(''), segment: last?.content ?? '' };
        const said = word.terminal.type === 'completed' ? (word.terminal.output ?? word.streamed) : word.streamed;
        const delta = last === undefined ? said : missingText(known, said);
        const messageId = delta === '' ? null : (last?.id ?? this.#appendAnswer(item, said, { rowId, nowMs }));
        if (last !== undefined && delta !== '') store.messages.extend(item.sessionId, last.id, delta);
        store.runs.reconcile(item.runId, word.usage);
        return {
          drafts: [
            {
              event: 'run.reconciled',
              run_id: item.runId,
              upstream_status: word.terminal.type,
              usage: word.usage,
              message_id: messageId,
              delta,
            },
          ],
          result: null,
        };
      },
      { patient: true },
    );
  }
}
