import type { Clock } from '../platform/clock.ts';
import type { DataPaths } from '../platform/paths.ts';
import { Committer } from './committer.ts';
import { type CredentialRepository, createCredentialRepository } from './credential-repository.ts';
import { openDatabase, type SqliteDatabase } from './database.ts';
import { createEventRepository, type EventRepository } from './event-repository.ts';
import { createMessageRepository, type MessageRepository } from './message-repository.ts';
import type { Migration } from './migrations/index.ts';
import { createProfileRepository, type ProfileRepository } from './profile-repository.ts';
import { createQueueRepository, type QueueRepository } from './queue-repository.ts';
import { createRunRepository, type RunRepository } from './run-repository.ts';
import { createSessionRepository, type SessionRepository } from './session-repository.ts';
import { createSettingsRepository, type SettingsRepository } from './settings-repository.ts';

/** Everything that must not be lost: one connection, one door for writes, and a room for each kind of row. */
export interface Store {
  committer: Committer;
  sessions: SessionRepository;
  messages: MessageRepository;
  runs: RunRepository;
  events: EventRepository;
  queue: QueueRepository;
  settings: SettingsRepository;
  profiles: ProfileRepository;
  credentials: CredentialRepository;
  /** Where an unreadable database was moved at this start; null normally. */
  setAsidePath: string | null;
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
  const { db, setAsidePath } = openDatabase(paths, {
    nowMs: options.clock.now(),
    ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
  });
  const committer = new Committer(db, options.clock);
  return {
    db,
    committer,
    setAsidePath,
    sessions: createSessionRepository(db),
    messages: createMessageRepository(db),
    runs: createRunRepository(db),
    events: createEventRepository(db),
    queue: createQueueRepository(db),
    settings: createSettingsRepository(db),
    profiles: createProfileRepository(db),
    credentials: createCredentialRepository(db),
    close() {
      committer.close();
      db.close();
    },
  };
}
