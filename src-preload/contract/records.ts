import type { CrashNotice } from './diagnostics.ts';
import type { AppError, ErrorInfo, Retry } from './errors.ts';
import type { FailureSaying, Told } from './failure-saying.ts';
import type { ModelParameters, RunParameters } from './model-parameters.ts';
import type { Usage } from './usage.ts';
import type { CostSum } from './usage-report.ts';

/** Where a session's actor stands. `waiting` is a running run that waits for a person's approval. */
export type RunState =
  | 'idle'
  | 'preparing'
  | 'compressing'
  | 'starting'
  | 'running'
  | 'waiting'
  | 'aborting'
  | 'settling';

/** A run's durable status. All but the first three are final. */
export const RUN_STATUSES = [
  'pending',
  'running',
  'cancelling',
  'success',
  'error',
  'timeout',
  'interrupted',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export function isTerminalStatus(status: RunStatus): boolean {
  return status !== 'pending' && status !== 'running' && status !== 'cancelling';
}

export const PROFILE_KINDS = ['demo', 'hermes', 'openai-chat', 'anthropic'] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** An upstream with its settings. `name` has no slash, so that `<profile>/<model>` can be read. */
export interface ProfileRecord {
  id: string;
  name: string;
  kind: ProfileKind;
  /** Normalised: no trailing slash, no `/v1`. Empty for the demo. */
  baseUrl: string;
  /** What a chat request will call, for the form. */
  chatUrl: string;
  defaultModel: string | null;
  contextLength: number | null;
  createdAtMs: number;
  updatedAtMs: number;
}

/**
 * How a key stands, in one word. `refused`: the provider did not accept it several times in a row. `busy`: it serves as many
 * requests as it may.
 */
export type CredentialState =
  | 'ready'
  | 'busy'
  | 'cooling'
  | 'exhausted'
  | 'refused'
  | 'needs_sign_in'
  | 'locked'
  | 'disabled';

/** A time during which a key is left alone. */
export interface CredentialRest {
  /** Null for every model. */
  model: string | null;
  kind: 'rate_limit' | 'timeout' | 'upstream_error' | 'overage_request_limit' | 'suspicious_activity' | 'model_access';
  /** Whether the provider named the time or Sluice chose it. */
  source: 'provider' | 'policy';
  /** What the provider said, free of secrets. */
  reason: string;
  said?: FailureSaying;
  fromMs: number;
  untilMs: number;
}

/** How calls went in a window of time. Rates are parts of 1, and null where nothing happened that could be rated. */
export interface HealthFigures {
  /** Calls to upstreams; a request that was repeated has several. */
  calls: number;
  requests: number;
  successes: number;
  aborts: number;
  /** Of the requests that were not stopped. */
  successRate: number | null;
  /** Calls that failed in a way that passes by itself. */
  transientRate: number | null;
  /** From a call's beginning to the first part of its answer, in milliseconds. */
  ttfbP50Ms: number | null;
  ttfbP95Ms: number | null;
  /** Requests that waited for a key. */
  waits: number;
  /** Calls with another key than the one before. */
  fallbacks: number;
}

export const HEALTH_SPANS = ['minute', 'fiveMinutes', 'hour'] as const;
export type HealthSpan = (typeof HEALTH_SPANS)[number];

export interface HealthReport {
  atMs: number;
  /** When this host began to count. */
  sinceMs: number;
  windows: Record<HealthSpan, HealthFigures>;
  /** The busiest first. Null is the upstream's own choice of a model. */
  byModel: Record<HealthSpan, ({ model: string | null } & HealthFigures)[]>;
  /** The busiest first. Null is a call without a key. */
  byCredential: Record<HealthSpan, ({ credentialId: string | null } & HealthFigures)[]>;
  /** Calls of each minute of the hour, oldest first, and those of them that failed. */
  minutes: { calls: number; failed: number }[];
}

/** What became of one key of a file. `needs-secret`: the file holds none of it, and no key here is the same. */
export interface ImportedKey {
  label: string;
  provider: string;
  outcome: 'added' | 'updated' | 'there' | 'needs-secret' | 'failed';
  credentialId: string | null;
  /** Only with `failed`. */
  error: AppError | null;
}

/** What became of one of several keys. */
export type CredentialResult =
  | { credentialId: string; ok: true; credential: CredentialRecord; models?: number }
  | { credentialId: string; ok: false; error: AppError };

/**
 * An estimate: how much of a request was the same as the one before it in its conversation. It is in no usage, no cost and
 * no answer to a program.
 */
export interface PrefixHint {
  isEstimate: true;
  atMs: number;
  sessionId: string;
  profile: string;
  model: string | null;
  /** `first`: nothing to compare with. `expired`: what there was is too old. `short`: below what is cached at all. */
  state: 'first' | 'expired' | 'short' | 'same' | 'changed';
  totalTokens: number;
  sharedTokens: number;
  /** What differed first; null but for `changed`. */
  changed: { part: 'model' | 'tool_choice' | 'tools' | 'system' | 'message'; number: number | null } | null;
}

/** What an upstream answered when it was asked for its models. */
export interface UpstreamHealth {
  /**
   * `wrong-service`: something answers that is no such upstream. `no-key`: it was not asked, because there is no key that
   * could be used. `failing`: it is the right one, and out of order.
   */
  state: 'ok' | 'key-refused' | 'no-key' | 'unreachable' | 'wrong-service' | 'proxy-failed' | 'failing';
  /** A sentence for a person. */
  message: string;
  said?: FailureSaying;
  /** Null where it tells none. */
  models: string[] | null;
  checkedAtMs: number;
}

/** A model server that was found on this computer. */
export interface LocalServer {
  /** `other` speaks the same protocol and is neither. */
  service: 'ollama' | 'lm-studio' | 'other';
  baseUrl: string;
  models: string[];
  version: string | null;
}

/** What may be known of a credential outside the main process: everything but the secret. */
export interface CredentialRecord {
  id: string;
  profileId: string;
  label: string;
  /** First and last four characters of a long secret, otherwise `***`. */
  mask: string;
  priority: number;
  group: string | null;
  maxInFlight: number;
  disabled: boolean;
  disabledReason: string | null;
  /** `sealed`: encrypted at rest. `memory`: gone when the application ends. `locked`: sealed, but not readable now. */
  storage: 'sealed' | 'memory' | 'locked';
  /** The models that it may be used for; null for all. */
  models: string[] | null;
  state: CredentialState;
  /** Rests that have not ended, the longest first. */
  rests: CredentialRest[];
  /** Requests under way with it. */
  inFlight: number;
  /** Answers that were complete. */
  successes: number;
  /** Calls that failed, in whatever way. */
  failures: number;
  /** Those of them that pass by themselves. */
  transientFailures: number;
  /** How often in a row it was refused. */
  failureCount: number;
  /** When a refused key is tried again at the earliest; null where that does not apply. */
  nextTrialAtMs: number | null;
  lastUsedAtMs: number | null;
  lastError: { class: string; message: string; said?: FailureSaying; status: number | null; atMs: number } | null;
  /** Why a locked one cannot be read, and what helps. */
  lockedReason: string | null;
  lockedSaid?: FailureSaying;
  /** `oauth`: renewed with a refresh token. */
  auth: 'api_key' | 'oauth';
  /** How it renews itself; null for a key. `sign_in`: it cannot any more, until a person signs in again. */
  oauth: {
    state: 'ready' | 'sign_in';
    tokenUrl: string;
    clientId: string;
    lastError: string | null;
    lastErrorSaid?: FailureSaying;
    refreshedAtMs: number | null;
  } | null;
  /** The origin that it was approved for; it is sent nowhere else. */
  approvedOrigin: string;
  createdAtMs: number;
  updatedAtMs: number;
}

export type ProxyScope = 'global' | 'group' | 'credential';

/** Where the proxy of a credential comes from; `…_direct` is a choice against any. */
export type ProxySource = 'credential' | 'credential_direct' | 'group' | 'group_direct' | 'global' | 'none';

/** A proxy as it may be shown: everything but its password. */
export interface ProxyRecord {
  scope: ProxyScope;
  /** A credential's id, a group's name; empty for the general one. */
  owner: string;
  mode: 'proxy' | 'direct';
  /** Scheme, host and port; empty with `direct`. */
  url: string;
  username: string | null;
  hasPassword: boolean;
  /** It has one that cannot be opened now. */
  passwordLocked: boolean;
  updatedAtMs: number;
}

/** What a credential's requests go through. */
export interface EffectiveProxy {
  credentialId: string;
  source: ProxySource;
  /** Null for the direct way. */
  url: string | null;
}

export interface SessionRecord {
  id: string;
  title: string;
  profile: string | null;
  model: string | null;
  /** The folder that the model is told of; absolute. */
  workspace: string | null;
  /** What the model is told in this conversation, after the base prompt. */
  instructions: string | null;
  /** How its answers are to be made; what is absent is left to the model. */
  parameters: ModelParameters;
  pinned: boolean;
  /** In the order in which they were given; each once. */
  tags: readonly string[];
  archivedAtMs: number | null;
  /** The conversation that this one was split off from. */
  forkedFromSessionId: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  messageCount: number;
  /** First words of the first message, for the list. */
  preview: string;
  /** The live fact of the list: what the session is doing now. */
  state: RunState;
  queueLength: number;
  queuePaused: boolean;
  /** The newest run's final status, `null` while it is live or when there is none. */
  lastStatus: RunStatus | null;
  /** The newest run is `interrupted` because somebody stopped it. */
  wasStopped: boolean;
}

/** A tag, and the number of conversations that have it, archived ones included. */
export interface TagCount {
  tag: string;
  count: number;
}

export interface RunRecord {
  id: string;
  sessionId: string | null;
  status: RunStatus;
  profile: string;
  model: string | null;
  upstreamRunId: string | null;
  credentialId: string | null;
  queueId: string | null;
  followUpToRunId: string | null;
  error: string | null;
  errorInfo: ErrorInfo | null;
  finishReason: string | null;
  usage: Usage | null;
  /** Whether the upstream confirmed a stop; null where nothing was stopped. */
  synced: boolean | null;
  /** How the conversation was made to fit where no summary could be made; null where it was sent as it is. */
  shortened: ShortenedContext | null;
  /** What became of the parameters; null where none were chosen or nothing was sent yet. */
  parameters: RunParameters | null;
  createdAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
}

/** Older messages were shortened for one request; the messages themselves stay as they are. */
export interface ShortenedContext {
  beforeTokens: number;
  afterTokens: number;
  /** Why there is no summary; null where none was due. */
  reason: string | null;
  reasonSaid?: FailureSaying;
}

export interface AppInfo {
  name: 'Sluice';
  version: string;
  host: 'electron' | 'headless';
  dataDir: string;
  storage: { state: 'writable' | 'read-only'; message: string | null; said?: FailureSaying };
  /** Something that happened at the start and that a person has to know; null normally. */
  notice: Told | null;
  secrets: {
    /** `ready`: new keys are sealed on disk. `locked`: a passphrase is asked for. `none`: keys stay in memory only. */
    state: 'ready' | 'locked' | 'none';
    /** Where new keys go: sealed on disk, or only in memory. */
    storage: 'sealed' | 'memory';
    cipherKind: string | null;
    /** The keys behind a passphrase can be sealed under another one. */
    hasPassphrase: boolean;
    /** Where keys are kept, as a case that the page has words of its own for; `problem` has only `message`. */
    standing: 'vault' | 'keyring' | 'locked' | 'memory' | 'problem';
    /** One sentence that says where keys are kept. */
    message: string;
    said?: FailureSaying;
  };
  limits: {
    maxInputChars: number;
    maxQueuePerSession: number;
    maxAttachmentBytes: number;
    /** Size of one piece of an upload. */
    attachmentChunkBytes: number;
  };
  /** What this host can do beyond the core. */
  abilities: { chooseFolder: boolean; notify: boolean; desktop: boolean; showInFolder: boolean };
  /** Where the log is; older parts of it lie beside it. */
  logFile: string;
  /** Set after an end that nobody asked for, until a person takes note. */
  crash: CrashNotice | null;
}

/** A file that was handed to Sluice; `path` is what a content block names. */
export interface AttachmentRecord {
  id: string;
  name: string;
  path: string;
  mediaType: string;
  sizeBytes: number;
  isImage: boolean;
}

/** What the next request of a conversation will hold, in tokens, against what its model takes. */
export interface ContextParts {
  sessionId: string;
  model: string | null;
  windowTokens: number;
  /** Where the window is known from; `default` is a guess. */
  windowSource: 'override' | 'profile' | 'known' | 'default';
  /** Where compaction starts; null where it is switched off. */
  thresholdTokens: number | null;
  /** Tokens by part. `recent` and `pinned` are text; files of both stand in `files`. */
  parts: { system: number; pinned: number; summary: number; recent: number; files: number };
  /** How many messages, and how many files, the parts are made of; `summarised` are those that the summary stands for. */
  items: { pinned: number; summarised: number; recent: number; files: number };
  totalTokens: number;
  /** The files of the message that is being written, as far as they were named with the question; no part of `totalTokens`. */
  draftFiles: { count: number; tokens: number };
  /** By what share such figures were off against the upstream's own reports; null where that is not known. */
  deviation: number | null;
}

/** A summary that is sent in place of the first messages of a conversation. The messages themselves are kept. */
export interface Compaction {
  id: string;
  summary: string;
  /** The last message that it stands for. */
  lastMessageId: string;
  messageCount: number;
  /** What a request would have held without it, and holds with it. */
  beforeTokens: number;
  afterTokens: number;
  trigger: 'auto' | 'manual' | 'edited';
  /**
   * What its call cost; null where none was made for it here, as for one that a person wrote or that a fork took along.
   * Absent in events of earlier versions.
   */
  cost?: CostSum | null;
  createdAtMs: number;
}

/** A throw-away session that could not be removed at its upstream. */
export interface UpstreamLeftover {
  profile: string;
  upstreamSessionId: string;
  status: 'pending' | 'dead';
  attempts: number;
  lastError: string | null;
  createdAtMs: number;
}

/** A message that a search found. */
export interface SearchHit {
  sessionId: string;
  sessionTitle: string;
  /** Null where the conversation's title matched. */
  messageId: string | null;
  role: string;
  snippet: string;
  createdAtMs: number;
  /** Who wrote it, where a run is known for it. */
  model: string | null;
}

/** A text of a person's own. `{{name}}` in it is asked for when it is used. */
export interface PromptRecord {
  id: string;
  /** Unique, whatever its case. */
  name: string;
  body: string;
  updatedAtMs: number;
}

export type { Retry };

/** What a person thinks of a run's answer. */
export interface Vote {
  runId: string;
  rating: 1 | -1;
  comment: string | null;
}
