import type { Clock } from '../platform/clock.ts';
import type { DataPaths } from '../platform/paths.ts';
import { type AttachmentRepository, createAttachmentRepository } from './attachment-repository.ts';
import { type ClientKeyRepository, createClientKeyRepository } from './client-key-repository.ts';
import { Committer } from './committer.ts';
import { type CompactionRepository, createCompactionRepository } from './compaction-repository.ts';
import { type CredentialHealthRepository, createCredentialHealthRepository } from './credential-health-repository.ts';
import { type CredentialRepository, createCredentialRepository } from './credential-repository.ts';
import { openDatabase, type SqliteDatabase } from './database.ts';
import { type FindObstacle, watchPlace } from './database-place.ts';
import { createEventRepository, type EventRepository } from './event-repository.ts';
import { createFeedbackRepository, type FeedbackRepository } from './feedback-repository.ts';
import { createFollowUpRepository, type FollowUpRepository } from './follow-up-repository.ts';
import { createKeptAnswerRepository, type KeptAnswerRepository } from './kept-answer-repository.ts';
import { createMessageRepository, type MessageRepository } from './message-repository.ts';
import type { Migration } from './migrations/index.ts';
import { createOAuthClientRepository, type OAuthClientRepository } from './oauth-client-repository.ts';
import { createProfileRepository, type ProfileRepository } from './profile-repository.ts';
import { createPromptRepository, type PromptRepository } from './prompt-repository.ts';
import { createProxyRepository, type ProxyRepository } from './proxy-repository.ts';
import { createQueueRepository, type QueueRepository } from './queue-repository.ts';
import { createRunPages, type RunPages } from './run-pages.ts';
import { createRunRepository, type RunRepository } from './run-repository.ts';
import { createSealedSecretRepository, type SealedSecretRepository } from './sealed-secret-repository.ts';
import { createSecretKeyRepository, type SecretKeyRepository } from './secret-key-repository.ts';
import { createSessionRepository, type SessionRepository } from './session-repository.ts';
import { createSettingsRepository, type SettingsRepository } from './settings-repository.ts';
import { createSteerRepository, type SteerRepository } from './steer-repository.ts';
import { troubleOf } from './store-trouble.ts';
import { createThreadRepository, type ThreadRepository } from './thread-repository.ts';
import { createTokenCorrectionRepository, type TokenCorrectionRepository } from './token-correction-repository.ts';
import { createUpstreamSessionRepository, type UpstreamSessionRepository } from './upstream-session-repository.ts';
import { createUsageRepository, type UsageRepository } from './usage-repository.ts';
import { createVersionRepository, type VersionRepository } from './version-repository.ts';

/** Everything that must not be lost: one connection, one door for writes, and a room for each kind of row. */
export interface Store {
  committer: Committer;
  sessions: SessionRepository;
  messages: MessageRepository;
  versions: VersionRepository;
  compactions: CompactionRepository;
  runs: RunRepository;
  events: EventRepository;
  queue: QueueRepository;
  attachments: AttachmentRepository;
  steers: SteerRepository;
  followUps: FollowUpRepository;
  upstreamSessions: UpstreamSessionRepository;
  tokenCorrections: TokenCorrectionRepository;
  usage: UsageRepository;
  threads: ThreadRepository;
  runPages: RunPages;
  feedback: FeedbackRepository;
  clientKeys: ClientKeyRepository;
  keptAnswers: KeptAnswerRepository;
  settings: SettingsRepository;
  profiles: ProfileRepository;
  credentials: CredentialRepository;
  credentialHealth: CredentialHealthRepository;
  oauthClients: OAuthClientRepository;
  proxies: ProxyRepository;
  secretKeys: SecretKeyRepository;
  sealedSecrets: SealedSecretRepository;
  prompts: PromptRepository;
  db: SqliteDatabase;
  /** Commits what is waiting and closes the connection. */
  close(): void;
}

/**
 * Opens the store of a data directory. The caller owns it and closes it.
 *
 * @throws AppFailure as `openDatabase` does.
 */
export function openStore(paths: DataPaths, options: { clock: Clock; migrations?: readonly Migration[] }): Store {
  const db = openDatabase(paths, {
    nowMs: options.clock.now(),
    ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
  });
  try {
    return assemble(db, options.clock, db.memory ? () => null : watchPlace(paths.database));
  } catch (thrown) {
    db.close();
    throw troubleOf(thrown) ?? thrown;
  }
}

function assemble(db: SqliteDatabase, clock: Clock, findObstacle: FindObstacle): Store {
  const committer = new Committer(db, clock, findObstacle);
  const store: Store = {
    db,
    committer,
    sessions: createSessionRepository(db),
    messages: createMessageRepository(db),
    versions: createVersionRepository(db),
    compactions: createCompactionRepository(db),
    runs: createRunRepository(db),
    events: createEventRepository(db),
    queue: createQueueRepository(db),
    attachments: createAttachmentRepository(db),
    steers: createSteerRepository(db),
    followUps: createFollowUpRepository(db),
    upstreamSessions: createUpstreamSessionRepository(db),
    tokenCorrections: createTokenCorrectionRepository(db),
    usage: createUsageRepository(db),
    threads: createThreadRepository(db),
    runPages: createRunPages(db),
    feedback: createFeedbackRepository(db),
    clientKeys: createClientKeyRepository(db),
    keptAnswers: createKeptAnswerRepository(db),
    settings: createSettingsRepository(db),
    profiles: createProfileRepository(db),
    credentials: createCredentialRepository(db),
    credentialHealth: createCredentialHealthRepository(db),
    oauthClients: createOAuthClientRepository(db),
    proxies: createProxyRepository(db),
    secretKeys: createSecretKeyRepository(db),
    sealedSecrets: createSealedSecretRepository(db),
    prompts: createPromptRepository(db),
    close() {
      committer.close();
      db.close();
    },
  };
  readWhatAStartNeeds(store);
  return store;
}

/** Sessions that the list shows first; a start that cannot read them is of no use to anybody. */
const FIRST_SESSIONS = 50;

/** Reads what the first minute of every start reads, so that damage there is met before anybody is let in. */
function readWhatAStartNeeds(store: Store): void {
  store.settings.read();
  store.profiles.list();
  store.credentials.list();
  store.credentialHealth.list();
  store.credentialHealth.cooldowns();
  store.runs.unfinished();
  store.sessions.withQueue();
  for (const session of store.sessions.list(FIRST_SESSIONS, 0)) store.queue.count(session.id);
}
