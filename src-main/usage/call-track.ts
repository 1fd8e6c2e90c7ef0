import type { Usage } from '#contract/events';
import type { CallCaller, CallPurpose, UsageCall } from '#contract/usage-report';
import type { AttemptNotices, UpstreamAttempt } from '../gateway/tell-attempt.ts';
import { isUpstreamTerminal, type UpstreamEvent, type UpstreamTerminal } from '../gateway/upstream-event.ts';
import { AbortReason } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { callFate } from './call-fate.ts';
import { settleCall } from './settle-call.ts';
import { OutputTally } from './token-tally.ts';

/** On whose behalf a call is made. */
export interface CallSubject {
  /** Names the start; its calls are `<id>#1`, `<id>#2` … */
  id: string;
  runId: string | null;
  sessionId: string | null;
  profile: string;
  model: string | null;
  caller: CallCaller;
  /** The program's key on whose behalf it is made; absent where a person asked. */
  clientId?: string | null;
  purpose: CallPurpose;
}

export interface CallTrackParts {
  clock: Clock;
  labelOf: (credentialId: string) => string | null;
  priceOf: (profile: string, model: string | null, atMs: number) => UsageCall['price'];
  /** Writes a draft down. Never rejects; null where it is enough that `leaving` is said before the call leaves. */
  open: (draft: UsageCall) => Promise<void> | null;
  /** Returns once what was opened without a promise is written down. Never throws. */
  leaving: () => void;
  /** Books rows and forgets drafts. Returns at once. */
  close: (booked: readonly UsageCall[], dropped: readonly string[]) => void;
}

/**
 * Follows the calls of one start, from before the first leaves to the end of the one that was accepted. What nobody
 * accepted is booked at once; the accepted one is handed to whoever settles it.
 */
export class CallTrack {
  readonly #parts: CallTrackParts;
  readonly #subject: CallSubject;
  readonly #inputTokens: number | null;
  readonly #output = new OutputTally();
  /** The call that is under way. */
  #draft: UsageCall | null;
  #usage: Usage | null = null;
  #terminal: UpstreamTerminal | null = null;
  #thrown: unknown = null;

  /** @param resumed the call that an earlier process left open. */
  constructor(
    parts: CallTrackParts,
    subject: CallSubject,
    inputTokens: number | null,
    resumed: UsageCall | null = null,
  ) {
    this.#parts = parts;
    this.#subject = subject;
    this.#inputTokens = inputTokens;
    this.#draft = resumed;
  }

  /** To be passed to the start. */
  readonly notices: Required<AttemptNotices> = {
    sending: (attempt) => {
      this.#draft = this.#newDraft(attempt);
      return this.#parts.open(this.#draft);
    },
    notAccepted: (_attempt, thrown) => {
      const draft = this.#draft;
      this.#draft = null;
      if (draft === null) return;
      const fate = thrown === null ? 'unsent' : callFate(thrown);
      if (fate === 'unsent') return this.#parts.close([], [draft.id]);
      const outcome = fate === 'refused' ? 'refused' : thrown instanceof AbortReason ? 'stopped' : 'failed';
      const endedAtMs = this.#parts.clock.now();
      this.#parts.close(
        [settleCall(draft, { outcome, usage: null, isFinal: false, outputEstimate: 0, endedAtMs })],
        [],
      );
    },
  };

  /** The call leaves now. Said for books that were begun with `saysLeaving`, in the turn in which its first byte goes. */
  leaving(): void {
    this.#parts.leaving();
  }

  /** An upstream took the request, and may have named the model that answers and the key that was used. */
  accepted(fields: { model: string | null; credentialId: string | null }): void {
    // A caller's own upstream may tell of no attempts; then this is the first that is heard of one.
    const draft = this.#draft ?? this.#newDraft({ attempt: 0, credentialId: fields.credentialId, model: null });
    const model = fields.model ?? draft.model;
    this.#draft = {
      ...draft,
      model,
      price: model === draft.model ? draft.price : this.#priceOf(model, draft.startedAtMs),
    };
  }

  /** The call that is under way, as the ledger will name it; null before it leaves. */
  get callId(): string | null {
    return this.#draft?.id ?? null;
  }

  hear(event: UpstreamEvent): void {
    this.#output.hear(event);
    if (event.type === 'usage') this.#usage = event.usage;
    if (isUpstreamTerminal(event)) this.#terminal = event;
  }

  /** The start, or the reading of its answer, threw. */
  threw(thrown: unknown): void {
    this.#thrown = thrown;
  }

  /**
   * The accepted call as it is to be booked; nothing where none was accepted.
   *
   * @param wasStopped somebody here ended it.
   */
  end(wasStopped: boolean): UsageCall[] {
    const draft = this.#draft;
    if (draft === null) return [];
    const terminal = this.#terminal;
    const usage = terminal?.usage ?? this.#usage;
    const outputEstimate = this.#output.tokens;
    const endedAtMs = this.#parts.clock.now();
    if (!wasStopped && terminal?.type === 'failed' && usage === null && outputEstimate === 0) {
      // An error in place of an answer is a refusal, whatever status it came with; a lost connection is not.
      if (terminal.error.code !== 'upstream_lost' && terminal.error.code !== 'timeout') {
        return [settleCall(draft, { outcome: 'refused', usage, isFinal: false, outputEstimate, endedAtMs })];
      }
    }
    const isFinal = terminal?.type === 'completed';
    const outcome =
      wasStopped || terminal?.type === 'cancelled'
        ? 'stopped'
        : isFinal && this.#thrown === null
          ? 'completed'
          : 'failed';
    return [settleCall(draft, { outcome, usage, isFinal, outputEstimate, endedAtMs })];
  }

  #newDraft({ attempt, credentialId, model }: UpstreamAttempt): UsageCall {
    const { id, runId, sessionId, profile, caller, purpose, clientId } = this.#subject;
    const name = model ?? this.#subject.model;
    const nowMs = this.#parts.clock.now();
    return {
      id: `${id}#${attempt}`,
      runId,
      sessionId,
      ...(clientId == null ? {} : { clientId }),
      profile,
      model: name,
      credentialId,
      credentialLabel: credentialId === null ? null : this.#parts.labelOf(credentialId),
      caller,
      purpose,
      outcome: 'lost',
      billable: true,
      source: 'estimate',
      inputSource: this.#inputTokens === null ? null : 'estimate',
      outputSource: null,
      inputTokens: this.#inputTokens,
      outputTokens: null,
      cacheReadTokens: null,
      cacheWriteTokens: null,
      cacheWrite5mTokens: null,
      cacheWrite1hTokens: null,
      reasoningTokens: null,
      price: this.#priceOf(name, nowMs),
      costPicos: null,
      startedAtMs: nowMs,
      endedAtMs: nowMs,
    };
  }

  #priceOf(model: string | null, atMs: number): UsageCall['price'] {
    return this.#parts.priceOf(this.#subject.profile, model, atMs);
  }
}
