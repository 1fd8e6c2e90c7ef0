import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { isTerminalStatus } from '#contract/records';
import { AppFailure } from '../../platform/app-failure.ts';
import type { ListedRun } from '../../store/run-pages.ts';
import { type ApiRoute, type Caller, json, route } from '../api-route.ts';
import { HttpFailure } from '../http-failure.ts';
import { cancelRun } from './cancel-run.ts';
import { toRunRecord } from './run-record.ts';
import { type RunsApiParts, requireRun } from './runs-api-parts.ts';
import { cancelMany, cancelManyQuery, type RunRequestBody, runBatch, runRequest } from './schemas.ts';

/** `streamMode` as `stream_mode`: the official client sends the runs of a batch with the names of its own options. */
function inSnakeCase(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([key]) => key !== 'signal')
      .map(([key, value]) => [key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** @throws HttpFailure 422 that names the run and its field. */
function readBatch(bodies: readonly Record<string, unknown>[]) {
  return bodies.map((body, index) => {
    const read = runRequest.safeParse(inSnakeCase(body));
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const field = [index, ...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
    throw new HttpFailure(
      422,
      unknown === undefined ? 'invalid_payload' : 'unsupported_option',
      `Run ${index} of the batch cannot be taken: “${field}” ${unknown === undefined ? 'is not valid' : 'is not supported'}. None was begun. ${z.prettifyError(read.error)}`,
      { details: { field, ...(unknown === undefined ? {} : { error: 'unsupported_run_option', option: unknown }) } },
    );
  });
}

/** Starts a run as a program asked for it. @throws AppFailure as `startRun`, and `budget_reached`. */
export type BeginRun = (
  call: { body: RunRequestBody; caller: Caller; request: IncomingMessage; response: ServerResponse },
  threadId: string | null,
  batchIndex?: number,
) => Promise<ListedRun>;

/** Operations on several runs at once, and the one that forgets a run. @param begin starts one run. */
export function manyRunsRoutes(parts: RunsApiParts, begin: BeginRun): ApiRoute[] {
  const { store } = parts;

  /** The runs that are named, or those that have not ended. Looked up as a whole before any is stopped. */
  const chosen = (body: z.output<typeof cancelMany>): ListedRun[] => {
    const { run_ids: ids, thread_id: threadId, status } = body;
    if (ids != null) return ids.map((id) => requireRun(parts, threadId ?? null, id));
    if (status == null) {
      throw new HttpFailure(422, 'invalid_payload', 'Say which runs: “run_ids”, or a “status”.', {
        details: { field: 'run_ids' },
      });
    }
    return store.runPages
      .live(threadId ?? null)
      .filter((run) => status === 'all' || (run.status === 'pending') === (status === 'pending'));
  };

  return [
    route({
      method: 'POST',
      path: '/api/runs/batch',
      operationId: 'createRunBatch',
      summary: 'Begins several runs without threads of their own in the background. All are checked before the first.',
      scope: 'runs:create',
      body: runBatch,
      answer: async (call) => {
        const runs: ListedRun[] = [];
        for (const [index, body] of readBatch(call.body).entries()) {
          try {
            runs.push(await begin({ ...call, body }, null, index));
          } catch (thrown) {
            // Whoever gets an error has no ids to stop the others by.
            await Promise.allSettled(runs.map((run) => cancelRun(parts, run, 'interrupt')));
            throw thrown;
          }
        }
        return json(runs.map(toRunRecord));
      },
    }),
    route({
      method: 'POST',
      path: '/api/runs/cancel',
      operationId: 'cancelRuns',
      summary:
        'Stops the runs that are named, or all that have not ended. Those that ended meanwhile stay as they are.',
      scope: 'runs:cancel',
      query: cancelManyQuery,
      body: cancelMany,
      answer: async ({ body, query }) => {
        const live = chosen(body).filter((run) => !isTerminalStatus(run.status));
        const stops = await Promise.allSettled(live.map((run) => cancelRun(parts, run, query.action)));
        for (const stop of stops) {
          // It ended by itself between the look and the stop.
          const isLate =
            stop.status === 'rejected' && stop.reason instanceof AppFailure && stop.reason.code === 'conflict';
          if (stop.status === 'rejected' && !isLate) throw stop.reason;
        }
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/threads/{thread_id}/runs/{run_id}',
      operationId: 'deleteRun',
      summary: 'Forgets the record of a run that has ended, and its votes. Its messages and what it spent stay.',
      scope: 'threads:delete',
      answer: async ({ params }) => {
        const run = requireRun(parts, params['thread_id'] ?? '', params['run_id'] ?? '');
        const isRemoved = await store.committer.commit(() => {
          if (!store.runs.removeEnded(run.id)) return false;
          store.feedback.removeOfRun(run.sessionId, run.id);
          return true;
        });
        if (!isRemoved) throw new AppFailure('conflict', 'This run has not ended. Cancel it first, or wait for it.');
        return { status: 204 };
      },
    }),
  ];
}
