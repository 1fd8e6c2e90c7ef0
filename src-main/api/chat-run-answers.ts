import type { AppError, ErrorInfo, Result } from '#contract/errors';
import type { Envelope } from '#contract/events';

/**
 * What only the socket says: answers for a client that gave no acknowledgement to answer through. They are no part of
 * any log (`seq` is 0) and go to the one socket that asked.
 */
export interface SocketAnswers {
  /** A request was refused. */
  'request.failed': { route: string; error: AppError };
  /** The same for a message, in the form that ends it in an older client. There is no run, so there is no `run_id`. */
  'run.failed': {
    refused: true;
    error: string;
    error_info: ErrorInfo;
    queue_remaining: number;
    status: 'error';
    usage: null;
  };
  /** What became of `approval.respond`. */
  'approval.responded': {
    run_id?: string;
    approval_id?: string;
    choice: string;
    all: boolean;
    resolved: number;
    error?: string;
  };
}

export type SocketAnswer = {
  [Name in keyof SocketAnswers]: Envelope & { event: Name } & SocketAnswers[Name];
}[keyof SocketAnswers];

/** Whose request an answer belongs to, and when it is given. */
export interface Asked {
  sessionId: string | null;
  atMs: number;
}

function envelope({ sessionId, atMs }: Asked): Envelope {
  return { v: 1, session_id: sessionId, seq: 0, ts: atMs };
}

export function requestFailed(asked: Asked, route: string, error: AppError): SocketAnswer {
  return { ...envelope(asked), event: 'request.failed', route, error };
}

/** @param queueRemaining messages that wait in the session all the same. */
export function runRefused(asked: Asked, error: AppError, queueRemaining: number): SocketAnswer {
  return {
    ...envelope(asked),
    event: 'run.failed',
    refused: true,
    error: error.message,
    error_info: { code: error.code, retry: error.retry },
    queue_remaining: queueRemaining,
    status: 'error',
    usage: null,
  };
}

/** @param asked.choice and `all`: as they were taken. */
export function approvalResponded(
  asked: Asked & { choice: string; all: boolean; approvalId: string | null },
  result: Result<unknown>,
): SocketAnswer {
  const data = result.ok ? (result.data as { run_id: string; resolved: number }) : null;
  return {
    ...envelope(asked),
    event: 'approval.responded',
    ...(data === null ? {} : { run_id: data.run_id }),
    ...(asked.approvalId === null ? {} : { approval_id: asked.approvalId }),
    choice: asked.choice,
    all: asked.all,
    resolved: data?.resolved ?? 0,
    ...(result.ok ? {} : { error: result.error.message }),
  };
}
