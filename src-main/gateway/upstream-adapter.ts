import type { ApprovalChoice } from '#contract/events';
import type { ContentBlock, ToolCall } from '#contract/message';
import type { ModelParameters } from '#contract/model-parameters';
import type { ProfileKind } from '#contract/records';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import type { Clock } from '../platform/clock.ts';
import type { SpokenProtocols } from './spoken-protocols.ts';
import type { UpstreamEvent } from './upstream-event.ts';

/** A part of what a person wrote, with everything that an upstream needs of it. */
export type ModelPart =
  | { type: 'text'; text: string }
  | { type: 'image'; name: string; path: string; mediaType: string; dataBase64: string };

/** What a person wrote, twice: as text for upstreams that take nothing else, and in parts for those that see images. */
export interface UserContent {
  /** All of it as text; attachments are lines such as `[Image: path]` and `[File: path]`. */
  content: string;
  /** Null where `content` says everything. */
  parts?: readonly ModelPart[] | null;
  /** @deprecated Attachments without their data; `parts` replaces it. Read where `parts` is absent. */
  blocks?: readonly ContentBlock[] | null;
}

/** A message as an upstream is to see it. `buildHistory` has made the list valid for providers. */
export type HistoryMessage =
  | ({ role: 'user' } & UserContent)
  | { role: 'assistant'; content: string; toolCalls: ToolCall[] | null }
  | { role: 'tool'; content: string; toolCallId: string; toolName: string };

/** One answer that is wanted from an upstream. */
export interface UpstreamRequest {
  /** Our run id: the idempotency key where the upstream takes one, the session id of a throw-away upstream session. */
  runId: string;
  sessionId: string | null;
  /** The address that the message was taken for; absent for the profile's present one. */
  baseUrl?: string;
  model: string | null;
  /** The upstream's own name of a provider, where it serves several; null or absent for its own choice. */
  provider?: string | null;
  instructions: string | null;
  /** Earlier messages, oldest first, without the new input. */
  history: HistoryMessage[];
  input: UserContent;
  /** As they were chosen; an adapter sends what `fitParameters` makes of them. */
  parameters: ModelParameters;
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
  /** What every request goes through; absent or null for the direct way. */
  proxy?: ProxyTarget | null;
}

/** What an upstream can do beyond answering. */
export interface UpstreamCapabilities {
  /** It asks for permission and takes the answer. */
  approvals: boolean;
  /** It takes a message into a running answer. */
  steer: boolean;
  /** It asks questions and takes the answer. */
  clarify: boolean;
  /** The transcript of a session can be read, with what its tools were given and gave back. */
  sessionMessages: boolean;
  sessionDelete: boolean;
  /** `/v1/responses`: runs with tool details that end with their connection. */
  responses: boolean;
  /** `/v1/runs`: runs that outlive their connection. */
  runs: boolean;
  /** It streams what it thinks. */
  reasoning: boolean;
}

export interface UpstreamContext {
  target: UpstreamTarget;
  deadlines: UpstreamDeadlines;
  clock: Clock;
  /** Closes every socket of the call at once (under 100 ms). `start` then rejects with the signal's reason. */
  signal: AbortSignal;
  /**
   * What the upstream is known to do; null where it does not tell. Resolves within seconds, mostly at once, and never
   * rejects but with the reason of `signal`. Absent counts as null.
   */
  capabilities?: (signal: AbortSignal) => Promise<UpstreamCapabilities | null>;
  /** What upstreams are known to speak. Absent where nothing is remembered. */
  spoken?: SpokenProtocols;
  /** Counts the tries of one start, from 1. Absent counts as 1. */
  attempt?: number;
}

/** A run that an upstream accepted. Owned by whoever called `start`; ends by its terminal event, `stop` or the signal. */
export interface UpstreamRun {
  /** The upstream's own id, null where the protocol has none or a run cannot be taken up by it. */
  readonly upstreamRunId: string | null;
  /** The throw-away session that this run made at the upstream; whoever settles the run has it deleted. */
  readonly upstreamSessionId?: string | null;
  /** How this run is stopped, where its adapter has more than one way; else the adapter's. */
  readonly stopStyle?: StopStyle;
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
  /**
   * Puts a message into the running answer. Absent where the protocol has no way.
   *
   * @returns false when the run takes none any more, or not now: the message is to be queued.
   * @throws AppFailure when it is unknown whether the message was taken, or the upstream cannot be reached.
   */
  steer?(text: string): Promise<boolean>;
  /** Answers a pending question. Absent where the protocol has none. Rejects with an AppFailure (`conflict` when late). */
  clarify?(clarifyId: string, response: string): Promise<void>;
}

/** `stop-request`: a run outlives its connection and is ended by a call. `close-socket`: it dies with its socket. */
export type StopStyle = 'stop-request' | 'close-socket';

/** How one kind of upstream is spoken to. Stateless: everything of a call is in its arguments. */
export interface UpstreamAdapter {
  readonly kind: ProfileKind;
  /** How a run is stopped whose `start` has not resolved; after that the run says so itself. */
  readonly stopStyle: StopStyle;
  /** The same, once it is known what the upstream can do. Absent where that makes no difference. */
  stopStyleFor?(capabilities: UpstreamCapabilities | null): StopStyle;
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
  /**
   * Asks the upstream what it can do; one request of at most 3 s. Absent where it is always the same and nothing special.
   *
   * @returns null when it answers and tells nothing, as agents before mid-2026 do.
   * @throws AppFailure when it could not be asked; the signal's reason when it aborted.
   */
  capabilities?(context: UpstreamContext): Promise<UpstreamCapabilities | null>;
  /**
   * The names of the models that it offers; one request of at most 10 s. Absent where there is no list.
   *
   * @throws AppFailure when it could not be asked; the signal's reason when it aborted.
   */
  models?(context: UpstreamContext): Promise<string[]>;
  /** Deletes a throw-away session (`UpstreamRun.upstreamSessionId`). @throws AppFailure when it is to be tried again. */
  deleteSession?(upstreamSessionId: string, context: UpstreamContext): Promise<'deleted' | 'gone' | 'unsupported'>;
  /** Stops a run that nobody here holds any more. Never rejects for what the upstream does. */
  stopRun?(upstreamRunId: string, context: UpstreamContext): ReturnType<UpstreamRun['stop']>;
  /** The URL that a chat request goes to, for the profile form. */
  chatUrl(baseUrl: string): string;
}
