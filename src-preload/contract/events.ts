import type { CommandId } from './commands.ts';
import type { DataJob } from './data.ts';
import type { ErrorCode, ErrorInfo } from './errors.ts';
import type { FailureSaying, Told } from './failure-saying.ts';
import type { Message, ToolCall } from './message.ts';
import type { RunParameters } from './model-parameters.ts';
import type { ApiCallRecord, TurnedAway } from './programs.ts';
import type { Compaction, RunRecord, RunState, SessionRecord } from './records.ts';
import type { Settings } from './settings.ts';
import type { UpdateState } from './updates.ts';
import type { Usage } from './usage.ts';

export type { Usage };

/**
 * What passes from the core to whoever watches, in one vocabulary for the typed IPC, the Socket.IO namespace and the
 * event log. Every event carries its own name, so a log line or a socket frame can be read alone.
 */
export interface Envelope {
  v: 1;
  /** Null for a run without a session and for events about the whole application. */
  session_id: string | null;
  run_id?: string;
  /** Contiguous per session from 1. 0 marks an event that is not part of the log: an answer or an announcement. */
  seq: number;
  /** Unix milliseconds at which the event was committed. */
  ts: number;
}

export interface QueuedMessage {
  /** The queue id. */
  id: string;
  run_id: string;
  role: 'user';
  content: string;
  content_blocks: Message['content_blocks'];
  model?: string;
  /** Unix seconds at which it was queued. */
  timestamp: number;
  queued: true;
}

/** Why a queue stands still. */
export type QueuePauseReason = 'restart' | 'failure' | 'user';

export interface QueueState {
  queue_length: number;
  queued_messages: QueuedMessage[];
  paused: QueuePauseReason | null;
}

export type ApprovalChoice = 'once' | 'session' | 'always' | 'deny';

export interface Approval {
  approval_id: string;
  run_id: string;
  command: string;
  description: string;
  choices: ApprovalChoice[];
}

/** A question that an agent asks the person in the middle of its work. */
export interface Clarification {
  clarify_id: string;
  run_id: string;
  question: string;
  /** Ready-made answers; a person may always write another one. */
  choices: string[];
}

/** Messages that an edited or regenerated turn replaced: kept, left out of what is shown and sent, and put back on request. */
export interface ConversationVersion {
  version_id: string;
  /** The run after which the versions part; null for the beginning of the conversation. */
  anchor_run_id: string | null;
  /** First words of its first message. */
  preview: string;
  message_count: number;
  /** Unix milliseconds at which it was set aside. */
  created_at_ms: number;
}

/** How the messages of a conversation came to be replaced. */
export type HistoryChange = 'edited' | 'regenerated' | 'version' | 'deleted';

export interface CompressionFigures {
  compressed: boolean;
  llmCompressed: boolean;
  totalMessages: number;
  resultMessages: number;
  beforeTokens: number;
  afterTokens: number;
  summaryTokens: number;
  verbatimCount: number;
  compressedStartIndex: number;
  error?: string;
  errorSaid?: FailureSaying;
}

/** Payloads of the events that are appended to a session's log, by name. */
export interface LoggedPayloads {
  'run.peer_user_message': {
    run_id: string;
    message: Message;
    queue_id: string | null;
    profile: string;
    model: string | null;
  };
  'run.queued': QueueState & { dequeued_queue_id?: string };
  'queue.paused': QueueState & { reason: QueuePauseReason; error?: string; error_info?: ErrorInfo };
  'queue.resumed': QueueState;
  'run.started': {
    run_id: string;
    status: string;
    queue_length: number;
    upstream_run_id: string | null;
    model: string | null;
    profile: string;
    /** What became of the conversation's parameters; absent where none were chosen. */
    parameters?: RunParameters;
  };
  'message.delta': { run_id: string; message_id: string; timestamp: number; delta: string };
  'reasoning.delta': { run_id: string; message_id: string; timestamp: number; delta: string; text: string };
  /** A row whose text turned out to be a provider's own serialisation: what it says stands in its place (E6-03). */
  'message.replaced': {
    run_id: string;
    message_id: string;
    content: string;
    reasoning: string | null;
    tool_calls: ToolCall[] | null;
  };
  'reasoning.available': { run_id: string; text: string };
  'tool.started': {
    run_id: string;
    message_id: string;
    tool: string;
    preview: string | null;
    tool_call_id: string | null;
    arguments: string | null;
  };
  'tool.completed': {
    run_id: string;
    message_id: string;
    tool: string;
    tool_call_id: string | null;
    duration: number | null;
    error: boolean;
    output: string | null;
  };
  /** What an upstream told of a call only after its run had ended: it has no place in the stream (decision 14). */
  'tool.details': {
    run_id: string;
    message_id: string;
    tool_call_id: string | null;
    arguments: string | null;
    output: string | null;
    error: boolean | null;
  };
  'clarify.requested': { run_id: string } & Clarification;
  'clarify.resolved': { run_id: string; clarify_id: string; response: string };
  /** A message was put into the running answer, or could not be. */
  'run.steered': {
    run_id: string;
    text: string;
    accepted: boolean;
    message_id: string | null;
    queue_id: string | null;
    idempotency_key: string | null;
  };
  /** The upstream takes nothing now; the same request goes out again after `waitMs`. */
  'run.retrying': {
    run_id: string;
    attempt: number;
    waitMs: number;
    reason: string;
    code: ErrorCode;
    said?: FailureSaying;
  };
  'approval.requested': { run_id: string } & Approval;
  'approval.resolved': { run_id: string; approval_id: string; choice: ApprovalChoice; resolved: number };
  'usage.updated': {
    run_id?: string;
    inputTokens: number | null;
    outputTokens: number | null;
    contextTokens: number | null;
    source: 'provider' | 'estimate';
  };
  'compression.started': { run_id?: string; message_count: number; token_count: number };
  'compression.completed': { run_id?: string } & CompressionFigures & { compactions: Compaction[] };
  /** A summary was taken back or rewritten by a person. */
  'compaction.changed': { reason: 'undone' | 'edited'; compactions: Compaction[] };
  /** A message that is always sent word for word, whatever is compacted. */
  'message.pinned': { message_id: string; pinned: boolean };
  'run.completed': {
    run_id: string;
    output: string;
    usage: Usage | null;
    finish_reason: string;
    queue_remaining: number;
    /** How many parts of the answer could not be read, where there were any. */
    unreadable_parts?: number;
    parsed_content?: string;
    parsed_reasoning?: string;
    parsed_tool_calls?: ToolCall[];
    /** The upstream's own text where nothing was streamed: the id of the row that holds it. */
    message_id?: string;
  };
  'run.failed': {
    run_id: string;
    error: string;
    error_info: ErrorInfo;
    queue_remaining: number;
    /** `interrupted` where the run's fate is unknown after a restart; `timeout` where a deadline passed. */
    status: 'error' | 'timeout' | 'interrupted';
    usage: Usage | null;
  };
  'run.cancelled': { run_id: string; queue_remaining: number; usage: Usage | null };
  'abort.started': { run_id: string; graceMs: number };
  'abort.timeout': { run_id: string; synced: false } & Told;
  'abort.completed': {
    run_id: string;
    synced: boolean;
    queue_length?: number;
    usage: Usage | null;
  };
  'run.rolled_back': { run_id: string; message_ids: string[] };
  /**
   * What the upstream said of a run after it had been let go of (E4-04). `delta` is the text that was still missing, for
   * the row `message_id`.
   */
  'run.reconciled': {
    run_id: string;
    upstream_status: 'completed' | 'failed' | 'cancelled';
    usage: Usage | null;
    message_id: string | null;
    delta: string;
  };
  /** Messages were set aside or put back. With `reload` the viewer has to draw the session anew. */
  'history.changed': {
    reason: HistoryChange;
    message_ids: string[];
    versions: ConversationVersion[];
    reload: boolean;
  };
  'run.reattached': { run_id: string; upstream_run_id: string };
  'run.reattach_failed': { run_id: string; error: string };
}

export type LoggedEventName = keyof LoggedPayloads;

/** One line of the log. `run_id` stands in the envelope as well as in the payloads that belong to a run. */
export type LoggedEvent = {
  [Name in LoggedEventName]: Envelope & { event: Name } & LoggedPayloads[Name];
}[LoggedEventName];

/** An event before the log has given it its place: name and payload. */
export type EventDraft = { [Name in LoggedEventName]: { event: Name } & LoggedPayloads[Name] }[LoggedEventName];

/** An event of the live run. `data` is the event once more, where the protocol's clients look for it. */
export type ResumedEvent = LoggedEvent & { data?: LoggedEvent };

/** The answer to `resume`: everything a viewer needs to draw the session and to follow it from `lastSeq` on. */
export interface ResumedPayload {
  messages: Message[];
  /** The runs of the messages on this page, for status, error and footer facts. */
  runs: RunRecord[];
  isWorking: boolean;
  isAborting: boolean;
  /** A summary that a person asked for is being made; one for a run is the run's state. */
  isCompacting: boolean;
  state: RunState;
  run_id?: string;
  /**
   * State events of the current run, in causal order. With `after_seq` over a connection every later event follows this
   * one; an answer without a connection carries them here.
   */
  events: ResumedEvent[];
  replayed: boolean;
  inputTokens: number | null;
  outputTokens: number | null;
  contextTokens: number | null;
  queueLength: number;
  queueMessages: QueuedMessage[];
  queuePaused: QueuePauseReason | null;
  approvals: Approval[];
  clarifications: Clarification[];
  /** What earlier edits and regenerations replaced, oldest first. */
  versions: ConversationVersion[];
  /** Summaries that stand for the beginning of the conversation, oldest first; the last one holds. */
  compactions: Compaction[];
  hasMoreBefore: boolean;
  messageTotal: number;
  messageLoadedCount: number;
  messagePageLimit: number;
  lastSeq: number;
  session: SessionRecord | null;
}

/** Payloads of the events that are answers or announcements and never logged. Their `seq` is 0. */
export interface DirectPayloads {
  resumed: ResumedPayload;
  gap: {
    code: 'stream_replay_gap';
    requested_event_id: string;
    earliest_available_event_id: string | null;
    latest_available_event_id: string | null;
    recovery: 'reload_durable_state';
  };
  /** What a slash command did. `terminal` is false while an answer goes on: nothing of it has ended by the command. */
  'session.command': { command: string; ok: boolean; action: string; terminal: boolean } & Told;
  'sessions.changed': { ids: string[]; reason: 'created' | 'updated' | 'deleted' };
  /** What a person thinks of a run's answer now; null without a vote. Told to everybody, with a null session. */
  'feedback.changed': { conversation_id: string; run_id: string; rating: 1 | -1 | null; comment: string | null };
  'pool.event': { kind: string; credential_id: string | null };
  'storage.changed': { state: 'writable' | 'read-only'; message: string | null; said?: FailureSaying };
  'data.progress': { job: DataJob };
  /** All of them, as they are now. */
  'settings.changed': { settings: Settings };
  /** Calls of programs that began, moved on or ended since the last time it was told, as they are now; oldest first. */
  'localApi.called': {
    calls: ApiCallRecord[];
    /** The place of the oldest call that is still remembered; what stands lower is to be forgotten. */
    oldest: number;
    turnedAway: TurnedAway;
  };
  /** The desktop menu asks the page to do something. */
  'app.command': { command: CommandId };
  /** How it stands with new versions now. */
  'updates.changed': { state: UpdateState };
  /** Links wait for a person's answer, or fewer do: `links.pending` has them. */
  'links.changed': { pending: number };
}

export type DirectEventName = keyof DirectPayloads;

/** An abort that found nothing to stop: told to its caller only, changes nothing. */
export type AbortIgnoredEvent = Envelope & { event: 'abort.completed'; synced: false; ignored: true };

export type DirectEvent =
  | { [Name in DirectEventName]: Envelope & { event: Name } & DirectPayloads[Name] }[DirectEventName]
  | AbortIgnoredEvent;

/** Everything a viewer can receive. */
export type ChatEvent = LoggedEvent | DirectEvent;

/** The four ends of a run; each run has exactly one. */
export const TERMINAL_EVENTS = ['run.completed', 'run.failed', 'run.cancelled', 'abort.completed'] as const;

export type TerminalEventName = (typeof TERMINAL_EVENTS)[number];

export function isTerminalEvent(name: string): name is TerminalEventName {
  return (TERMINAL_EVENTS as readonly string[]).includes(name);
}

/** Events that describe where a run stands rather than what it says; `resumed.events` holds only these. */
export const STATE_EVENTS: ReadonlySet<LoggedEventName> = new Set<LoggedEventName>([
  'run.started',
  'compression.started',
  'compression.completed',
  'abort.started',
  'abort.timeout',
  'approval.requested',
  'approval.resolved',
  'clarify.requested',
  'clarify.resolved',
  'run.steered',
  'run.retrying',
  'run.reattached',
  'run.reattach_failed',
]);

/** True for an event that has its place in the log. */
export function isLoggedEvent(event: ChatEvent): event is LoggedEvent {
  return event.seq > 0;
}
