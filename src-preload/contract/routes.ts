import type { z } from 'zod';
import type { Credit, TellsCredit } from './credit.ts';
import type { BackupRecord, DataJob, ImportPreview, StoreState } from './data.ts';
import type { DesktopState } from './desktop.ts';
import type { DiagnosticsBundle } from './diagnostics.ts';
import type { Result } from './errors.ts';
import type {
  AbortIgnoredEvent,
  ChatEvent,
  CompressionFigures,
  ConversationVersion,
  LoggedEvent,
  QueueState,
  ResumedPayload,
} from './events.ts';
import type { FailureSaying } from './failure-saying.ts';
import type { LinkOutcome, LinkRequest } from './links.ts';
import type { Message } from './message.ts';
import type { MessageFit } from './message-fit.ts';
import type { ApiCallRecord, ClientKeyRecord, LocalApiState, LocalApiTrial, TurnedAway } from './programs.ts';
import type {
  AppInfo,
  AttachmentRecord,
  Compaction,
  ContextParts,
  CredentialRecord,
  CredentialResult,
  EffectiveProxy,
  HealthReport,
  ImportedKey,
  LocalServer,
  PrefixHint,
  ProfileRecord,
  PromptRecord,
  ProxyRecord,
  RunRecord,
  SearchHit,
  SessionRecord,
  TagCount,
  UpstreamHealth,
  UpstreamLeftover,
  Vote,
} from './records.ts';
import type { RouteName, routeSchemas } from './routes.schema.ts';
import type { Settings } from './settings.ts';
import type { UpdateState } from './updates.ts';
import type { BudgetState, ModelOverride, RunCost, SessionUsage, UsageCall, UsageSummary } from './usage-report.ts';

export type { RouteName };

/** What a caller may send: before defaults are filled in. */
export type RouteInput<Name extends RouteName> = z.input<(typeof routeSchemas)[Name]>;
/** What a handler receives: checked, defaults filled in. */
export type RoutePayload<Name extends RouteName> = z.output<(typeof routeSchemas)[Name]>;

/**
 * What became of a message. `duplicate`: this queue id or key was seen before, and its run is named. `steered`: it went
 * into the running answer. `command`: it was a slash command, `message` says what became of it, and there is no run.
 */
export interface RunAck {
  status: 'started' | 'queued' | 'duplicate' | 'steered' | 'command';
  session_id: string | null;
  run_id: string;
  queue_id: string;
  /** 0 for the run that starts now, 1 for the first in the queue. */
  position: number;
  /** Only with `command`. */
  message?: string;
  said?: FailureSaying;
}

export interface AbortAck {
  status: 'aborted' | 'ignored';
  session_id: string;
  run_id: string | null;
  /** The upstream confirmed that it stopped and the transcript is stored. */
  synced: boolean;
}

export interface MessagePage {
  sessionId: string;
  messages: Message[];
  runs: RunRecord[];
  hasMoreBefore: boolean;
  messageTotal: number;
}

export interface RouteOutputs {
  'chat.run': RunAck;
  'chat.abort': AbortAck;
  'chat.resume': ResumedPayload & { session_id: string };
  'chat.unsubscribe': { session_id: string };
  'chat.cancel_queued_run': { removed: number; reason?: 'already_started' | 'not_found' } & QueueState;
  'chat.queue_edit': QueueState;
  'chat.queue_move': QueueState;
  'chat.queue_clear': { removed: number } & QueueState;
  'chat.queue_send_now': RunAck;
  'chat.queue_resume': QueueState;
  'chat.queue_pause': QueueState;
  'chat.regenerate': RunAck;
  'chat.clarify_respond': { run_id: string; clarify_id: string; response: string };
  'chat.approval_respond': { run_id: string; approval_id: string; choice: string; resolved: number };
  'sessions.list': { sessions: SessionRecord[]; total: number };
  'sessions.create': SessionRecord;
  'sessions.get': SessionRecord;
  'sessions.page': MessagePage;
  'sessions.rename': SessionRecord;
  'sessions.update': SessionRecord;
  'sessions.fork': SessionRecord;
  'sessions.compact': { sessionId: string; figures: CompressionFigures | null; compactions: Compaction[] };
  'sessions.undoCompaction': { sessionId: string; undone: boolean; compactions: Compaction[] };
  'sessions.editCompaction': { sessionId: string; compactions: Compaction[] };
  'sessions.pinMessage': { sessionId: string; messageId: string; pinned: boolean };
  'sessions.context': ContextParts;
  'sessions.fit': MessageFit;
  'sessions.deleteTurn': { sessionId: string; messageId: string };
  'sessions.switch_version': { sessionId: string; versions: ConversationVersion[] };
  'sessions.delete': { deleted: true; sessionId: string };
  'sessions.search': { hits: SearchHit[] };
  'sessions.models': { models: string[] };
  'sessions.export': { format: 'json' | 'markdown'; fileName: string; content: string };
  'feedback.list': { votes: Vote[] };
  'feedback.set': { vote: Vote | null };
  'runs.get': RunRecord;
  /** `nextSeq` is where to go on; null once the run has ended and all of it was told. */
  'runs.events.export': { content: string; nextSeq: number | null };
  'runs.list': { runs: RunRecord[] };
  'profiles.list': { profiles: ProfileRecord[] };
  'profiles.create': ProfileRecord;
  'profiles.update': ProfileRecord;
  'profiles.health': UpstreamHealth;
  'upstreams.discover': { servers: LocalServer[] };
  'profiles.leftovers': { leftovers: UpstreamLeftover[] };
  'attachments.begin': { uploadId: string; chunkBytes: number };
  'attachments.append': { receivedBytes: number };
  'attachments.finish': AttachmentRecord;
  'attachments.cancel': { cancelled: boolean };
  'profiles.delete': { deleted: true; profileId: string };
  'credentials.list': { credentials: CredentialRecord[] };
  'credentials.create': CredentialRecord;
  'credentials.update': CredentialRecord;
  'credentials.setDisabled': { results: CredentialResult[] };
  'credentials.reset': { results: CredentialResult[] };
  'credentials.test': { results: CredentialResult[] };
  'credentials.credit': { tells: TellsCredit; credit: Credit | null };
  'credentials.health': HealthReport;
  'credentials.export': { fileName: string; content: string; keys: number; withoutSecret: string[] };
  'credentials.import': { keys: ImportedKey[]; providersAdded: string[]; generalProxyLeftOut: boolean };
  'credentials.replaceSecret': CredentialRecord;
  'credentials.delete': { deleted: true; credentialId: string };
  'credentials.confirmHost': CredentialRecord;
  'credentials.createOAuth': CredentialRecord;
  'credentials.signIn': CredentialRecord;
  'credentials.refresh': CredentialRecord;
  'credentials.setGroup': CredentialRecord;
  'prefixHints.list': { hints: PrefixHint[] };
  'prefixHints.clear': { hints: PrefixHint[] };
  'groups.delete': { deleted: boolean; credentialIds: string[] };
  'proxies.list': { proxies: ProxyRecord[]; effective: EffectiveProxy[] };
  'proxies.set': ProxyRecord;
  'proxies.delete': { deleted: boolean };
  'secrets.unlock': AppInfo['secrets'];
  'secrets.setUp': AppInfo['secrets'];
  'secrets.changePassphrase': AppInfo['secrets'];
  'secrets.startOver': AppInfo['secrets'];
  'settings.get': Settings;
  'settings.set': Settings;
  'usage.summary': UsageSummary;
  'usage.calls': { calls: UsageCall[]; nextCursor: string | null };
  'usage.session': SessionUsage;
  'usage.runs': { runs: RunCost[] };
  'usage.export': { content: string; nextCursor: string | null };
  'usage.budgets': { budgets: BudgetState[] };
  'usage.saveBudget': { budgets: BudgetState[] };
  'usage.deleteBudget': { budgets: BudgetState[] };
  'models.overrides': { overrides: ModelOverride[] };
  'models.saveOverride': { overrides: ModelOverride[] };
  'models.deleteOverride': { overrides: ModelOverride[] };
  'tags.list': { tags: TagCount[] };
  'tags.rename': { changed: number; tags: TagCount[] };
  'tags.delete': { changed: number; tags: TagCount[] };
  'prompts.list': { prompts: PromptRecord[] };
  'prompts.save': { prompts: PromptRecord[]; id: string };
  'prompts.delete': { prompts: PromptRecord[] };
  'prompts.import': { prompts: PromptRecord[]; added: number; replaced: number };
  'localApi.state': LocalApiState;
  'localApi.createClient': { client: ClientKeyRecord; key: string };
  'localApi.setClientCap': LocalApiState;
  'localApi.revokeClient': LocalApiState;
  'localApi.calls': { calls: ApiCallRecord[]; turnedAway: TurnedAway };
  'localApi.try': LocalApiTrial;
  'data.store': StoreState;
  'data.backups': { backups: BackupRecord[]; folder: string };
  'data.backUp': BackupRecord;
  'data.deleteBackup': { deleted: true; file: string };
  'data.restore': { accepted: true };
  'data.reopen': { accepted: true };
  'data.startEmpty': { accepted: true };
  'data.showFolder': { shown: boolean };
  'data.export': DataJob;
  'data.exportRead': { data: string; sizeBytes: number };
  'data.importBegin': { importId: string; chunkBytes: number };
  'data.importAppend': { receivedBytes: number };
  'data.importPreview': ImportPreview;
  'data.importStart': DataJob;
  'data.importForget': { forgotten: boolean };
  'data.job': DataJob;
  'data.cancelJob': DataJob;
  'data.deleteAll': { conversations: number };
  'diagnostics.collect': DiagnosticsBundle;
  'diagnostics.zip': { fileName: string; data: string; sizeBytes: number };
  'diagnostics.seenCrash': { seen: true };
  'diagnostics.pageFailed': { noted: true };
  'app.info': AppInfo;
  'app.choose_folder': { path: string | null };
  'app.check_folder': { path: string | null };
  'app.desktop': { desktop: DesktopState | null };
  'updates.state': UpdateState;
  'updates.check': UpdateState;
  'updates.download': UpdateState;
  'updates.cancel': UpdateState;
  'updates.install': UpdateState;
  'links.offer': { pending: number };
  'links.pending': { links: LinkRequest[] };
  'links.answer': LinkOutcome;
}

/** Fails to compile when a route has a schema and no output, or an output and no schema. */
export type RouteCoverage = [RouteName] extends [keyof RouteOutputs]
  ? [keyof RouteOutputs] extends [RouteName]
    ? true
    : never
  : never;
export const ROUTES_ARE_COVERED: RouteCoverage = true;

/** The renderer's whole view of the main process, whichever transport stands behind it. */
export interface SluiceApi {
  /** Never rejects: a broken transport is a Result with `upstream_unreachable`-like code and a sentence. */
  request<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<Result<RouteOutputs[Name]>>;
  /** Subscribes to everything pushed to this viewer. Returns the unsubscribe function. */
  onEvent(listener: (event: ChatEvent) => void): () => void;
}

export type { AbortIgnoredEvent, ChatEvent, LoggedEvent };

/** The two channels of the typed IPC. */
export const IPC_REQUEST_CHANNEL = 'sluice:request';
export const IPC_EVENT_CHANNEL = 'sluice:event';
