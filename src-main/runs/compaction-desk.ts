import type { CompressionFigures } from '#contract/events';
import type { ContentBlock, Message } from '#contract/message';
import type { ContextParts } from '#contract/records';
import { countSummary } from '../compressor/summary-row.ts';
import { AbortReason, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import type { ContextKeeper } from './context-keeper.ts';
import type { ContextMeter } from './context-meter.ts';
import type { RequestBuilder } from './request-builder.ts';
import type { RunLog } from './run-log.ts';

/** How long a deletion waits for the end of a summary. */
const END_WITHIN_MS = 5000;

/** With whom the next message is to be sent, where a person chose it. */
export interface Choice {
  profile?: string;
  model?: string;
}

export interface CompactionDeskParts {
  store: Store;
  log: RunLog;
  clock: Clock;
  newId: () => string;
  meter: ContextMeter;
  keeper: ContextKeeper;
  requests: RequestBuilder;
  /** What the next message of a session would be answered with. */
  optionsOf: (sessionId: string, choice?: Choice) => RunOptions;
  /** The conversation as its actor reads it. */
  transcript: (sessionId: string) => Promise<readonly Message[]>;
  isBusy: (sessionId: string) => boolean;
}

/** What a person does about summaries: make one now, read what is sent, rewrite it, take it back, keep a message whole. */
export class CompactionDesk {
  readonly #parts: CompactionDeskParts;
  readonly #underWay = new Map<string, { controller: AbortController; ended: Deferred<void> }>();

  constructor(parts: CompactionDeskParts) {
    this.#parts = parts;
  }

  /**
   * Summarises what is old in a conversation now. `abort` ends it.
   *
   * @returns what came of it; null when there is nothing to summarise.
   * @throws AppFailure `not_found`, `conflict_active_run` while an answer is made or a summary is under way.
   */
  async compact(sessionId: string): Promise<CompressionFigures | null> {
    this.#assertSession(sessionId);
    if (this.#underWay.has(sessionId) || this.#parts.isBusy(sessionId)) {
      throw failureOf('conflict_active_run', { word: 'busy_no_compact' });
    }
    const { optionsOf, transcript, keeper } = this.#parts;
    const around = { runId: null, options: optionsOf(sessionId), instructions: null, input: '' };
    const controller = new AbortController();
    const ended = deferred<void>();
    this.#underWay.set(sessionId, { controller, ended });
    try {
      return await keeper.compact(sessionId, await transcript(sessionId), around, controller.signal);
    } finally {
      this.#underWay.delete(sessionId);
      ended.resolve();
    }
  }

  /** Whether a summary that a person asked for is being made. */
  isUnderWay(sessionId: string): boolean {
    return this.#underWay.has(sessionId);
  }

  /** Ends a summary that a person asked for, if one is under way. */
  abort(sessionId: string): void {
    this.#underWay.get(sessionId)?.controller.abort(new AbortReason('user'));
  }

  /** Ends it as `abort` does and waits until its end is stored; for at most 5 s, because a full disk holds that up. */
  async end(sessionId: string): Promise<void> {
    const found = this.#underWay.get(sessionId);
    if (found === undefined) return;
    this.abort(sessionId);
    await waitAtMost(found.ended.promise, this.#parts.clock, END_WITHIN_MS);
  }

  /** Ends all of them: the process does. */
  stop(): void {
    for (const { controller } of this.#underWay.values()) controller.abort(new AbortReason('shutdown'));
  }

  /** Takes the newest summary back: the messages that it stood for are sent again. @returns false when there is none. */
  async undo(sessionId: string): Promise<boolean> {
    const { store, log, clock } = this.#parts;
    this.#assertSession(sessionId);
    return log.write(sessionId, () => {
      const current = store.compactions.current(sessionId);
      if (current === null) return { drafts: [], result: false };
      store.compactions.undo(current.id, clock.now());
      const compactions = store.compactions.list(sessionId);
      return { drafts: [{ event: 'compaction.changed', reason: 'undone', compactions }], result: true };
    });
  }

  /** Puts a person's words in place of a summary. The one before is kept. @throws AppFailure `not_found`, `invalid_payload`. */
  async edit(sessionId: string, compactionId: string, summary: string): Promise<void> {
    const { store, log, clock, newId, meter, optionsOf } = this.#parts;
    this.#assertSession(sessionId);
    if (summary.trim() === '') throw failureOf('invalid_payload', { word: 'summary_empty' });
    const reader = optionsOf(sessionId);
    const count = (texts: readonly string[], signal: AbortSignal) => meter.texts(texts, reader, signal);
    const tokens = await countSummary(summary, count, new AbortController().signal);
    await log.write(sessionId, () => {
      const current = store.compactions.current(sessionId);
      if (current?.id !== compactionId) {
        throw failureOf('not_found', { word: 'summary_not_current' });
      }
      const afterTokens = Math.max(0, current.afterTokens - current.tokens + tokens);
      store.compactions.insert({
        ...current,
        id: newId(),
        summary,
        tokens,
        afterTokens,
        trigger: 'edited',
        usage: null,
        callId: null,
        createdAtMs: Math.max(clock.now(), current.createdAtMs + 1),
      });
      const compactions = store.compactions.list(sessionId);
      return { drafts: [{ event: 'compaction.changed', reason: 'edited', compactions }], result: undefined };
    });
  }

  /**
   * What the next message of a conversation would be sent with, by part.
   *
   * @param files of the message that is being written.
   * @throws AppFailure `not_found`.
   */
  async contextOf(sessionId: string, choice: Choice = {}, files: readonly ContentBlock[] = []): Promise<ContextParts> {
    this.#assertSession(sessionId);
    const { optionsOf, transcript, requests, meter } = this.#parts;
    const options = optionsOf(sessionId, choice);
    const rows = await transcript(sessionId);
    const instructions = await requests.instructions(sessionId, options);
    const input = files.length === 0 ? '' : [...files];
    return meter.parts(sessionId, rows, { instructions, input }, options, new AbortController().signal);
  }

  /** Has a message always sent word for word. @throws AppFailure `not_found`. */
  async pin(sessionId: string, messageId: string, pinned: boolean): Promise<void> {
    const { store, log } = this.#parts;
    this.#assertSession(sessionId);
    await log.write(sessionId, () => {
      if (!store.messages.setPinned(sessionId, messageId, pinned)) {
        throw failureOf('not_found', { word: 'message_not_stored' });
      }
      return { drafts: [{ event: 'message.pinned', message_id: messageId, pinned }], result: undefined };
    });
  }

  #assertSession(sessionId: string): void {
    if (this.#parts.store.sessions.get(sessionId) === null) throw failureOf('not_found', { word: 'no_conversation' });
  }
}
