import type { ApprovalChoice } from '#contract/events';
import type { ContentBlock, ToolCall } from '#contract/message';
import type { ProfileKind } from '#contract/records';
import type { Clock } from '../platform/clock.ts';
import type { UpstreamEvent } from './upstream-event.ts';

/** A message as an upstream is to see it. `buildHistory` has made the list valid for providers. */
export type HistoryMessage =
  | { role: 'user'; content: string; blocks: ContentBlock[] | null }
  | { role: 'assistant'; content: string; toolCalls: ToolCall[] | null }
  | { role: 'tool'; content: string; toolCallId: string; toolName: string };

/** One answer that is wanted from an upstream. */
export interface UpstreamRequest {
  /** Our run id: the idempotency key where the upstream takes one, the session id of a throw-away upstream session. */
  runId: string;
  sessionId: string | null;
  model: string | null;
  instructions: string | null;
  /** Earlier messages, oldest first, without the new input. */
  history: HistoryMessage[];
  input: { content: string; blocks: ContentBlock[] | null };
  reasoningEffort: 'low' | 'medium' | 'high' | null;
}

export interface UpstreamDeadlines {
  /** From the request's first byte to the response's headers. */
  headersTimeoutMs: number;
  /** Longest silence within a stream; a keep-alive comment counts as life. */
  idleTimeoutMs: number;
  totalTimeoutMs: number;
}

/** Where and as whom to call. Built by the gateway from the profile and the leased credential. */
export interface UpstreamTarget {
  profileName: string;
  kind: ProfileKind;
  /** Normalised: no trailing slash and no `/v1`. */
  baseUrl: string;
  /** Null for an upstream that needs none. Never logged, never part of an error's text. */
  secret: string | null;
}

export interface UpstreamContext {
  target: UpstreamTarget;
  deadlines: UpstreamDeadlines;
  clock: Clock;
  /** Closes every socket of the call at once (under 100 ms). `start` then rejects with the signal's reason. */
  signal: AbortSignal;
}

/** A run that an upstream accepted. Owned by whoever called `start`; ends by its terminal event, `stop` or the signal. */
export interface UpstreamRun {
  /** The upstream's own id, null where the protocol has none. */
  readonly upstreamRunId: string | null;
  /** The upstream's word at acceptance, such as `started`. */
  readonly status: string;
  /** The model that answers, where the upstream told. */
  readonly model: string | null;
  /**
   * What the upstream says, one batch a network chunk. Ends after exactly one terminal event. Never throws for what an
   * upstream does: that is a `failed` event. After the signal aborted it ends with `cancelled`.
   */
  readonly events: AsyncIterable<readonly UpstreamEvent[]>;
  /**
   * Asks the upstream to stop. With `stop-request` adapters the events go on until the upstream's own terminal event,
   * and the answer says whether it took the request; the others close their socket and answer `stopped`.
   */
  stop(): Promise<'stopped' | 'stopping' | 'gone' | 'failed'>;
  /** Answers a pending approval. Absent where the protocol has none. Rejects with an AppFailure (`conflict` when late). */
  approve?(approvalId: string, choice: ApprovalChoice, all: boolean): Promise<{ resolved: number }>;
}

/** How one kind of upstream is spoken to. Stateless: everything of a call is in its arguments. */
export interface UpstreamAdapter {
  readonly kind: ProfileKind;
  /** `stop-request`: a run outlives its connection and is ended by a call. `close-socket`: it dies with its socket. */
  readonly stopStyle: 'stop-request' | 'close-socket';
  readonly needsCredential: boolean;
  /**
   * Starts a run. Resolves when the upstream accepted it (2xx headers, and for Hermes its run id).
   *
   * @throws AppFailure `upstream_*`, `timeout`, `quota_exhausted`; the signal's reason when it aborted.
   */
  start(request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamRun>;
  /**
   * Takes up a run that an earlier process started. Absent where a run dies with its socket.
   *
   * @returns null when the upstream knows nothing of it.
   */
  attach?(upstreamRunId: string, context: UpstreamContext): Promise<UpstreamRun | null>;
  /** The URL that a chat request goes to, for the profile form. */
  chatUrl(baseUrl: string): string;
}
