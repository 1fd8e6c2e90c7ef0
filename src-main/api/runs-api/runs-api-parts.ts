import type { Result } from '#contract/errors';
import type { AttachmentUploads } from '../../attachments/attachment-uploads.ts';
import type { Router } from '../../ipc/router.ts';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import type { FeedbackDesk } from '../../runs/feedback-desk.ts';
import type { RunLog } from '../../runs/run-log.ts';
import type { RunService } from '../../runs/run-service.ts';
import type { ReadClient } from '../../store/read-client.ts';
import type { ListedRun } from '../../store/run-pages.ts';
import type { Store } from '../../store/store.ts';
import type { ThreadRow } from '../../store/thread-repository.ts';
import type { ClientCaps } from '../../usage/client-caps.ts';
import type { RunStreams } from './run-streams.ts';

export interface RunsApiParts {
  store: Store;
  runs: RunService;
  log: RunLog;
  reads: Pick<ReadClient, 'ask'>;
  streams: RunStreams;
  desk: FeedbackDesk;
  /** Takes in the files of messages. */
  uploads: Pick<AttachmentUploads, 'receive'>;
  caps: Pick<ClientCaps, 'assertMaySpend' | 'stateOf'>;
  /** The page's own routes, for what is the same thing there. */
  router: Pick<Router, 'dispatch'>;
  /** Tells every viewer which conversations are new or look different. */
  announce: (ids: string[], reason: 'created' | 'updated') => void;
  /** Whether the server is closing: a reader that is sent away then has not left. */
  isClosing: () => boolean;
  clock: Clock;
  newId: () => string;
  version: string;
}

/** @throws AppFailure as the route said it. */
export async function ask<T>(parts: Pick<RunsApiParts, 'router'>, route: string, payload: unknown): Promise<T> {
  const result = (await parts.router.dispatch(route, payload, null)) as Result<T>;
  if (result.ok) return result.data;
  const { code, message, retry, details } = result.error;
  throw new AppFailure(code, message, details === undefined ? { retry } : { retry, details });
}

/** @throws AppFailure `not_found`. */
export function requireThread(parts: Pick<RunsApiParts, 'store'>, threadId: string): ThreadRow {
  const thread = parts.store.threads.get(threadId);
  if (thread === null) throw new AppFailure('not_found', `There is no thread “${threadId.slice(0, 128)}”.`);
  return thread;
}

/** A run of this thread; one of another thread is not there (BUG-C6). @throws AppFailure `not_found`. */
export function requireRun(parts: Pick<RunsApiParts, 'store'>, threadId: string | null, runId: string): ListedRun {
  const run = parts.store.runPages.run(runId);
  if (run === null || (threadId !== null && run.sessionId !== threadId)) {
    throw new AppFailure('not_found', `There is no run “${runId.slice(0, 128)}” here.`);
  }
  return run;
}
