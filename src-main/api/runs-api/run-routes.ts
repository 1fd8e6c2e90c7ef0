import type { IncomingMessage, ServerResponse } from 'node:http';
import { isTerminalStatus } from '#contract/records';
import type { SpendCapState } from '#contract/usage-report';
import type { ListedRun } from '../../store/run-pages.ts';
import { missingScope } from '../api-door.ts';
import { type ApiAnswer, type ApiRoute, type Caller, clientIdOf, json, may, route } from '../api-route.ts';
import { HttpFailure } from '../http-failure.ts';
import { cancelRun } from './cancel-run.ts';
import { leaving } from './leaving.ts';
import { type BeginRun, manyRunsRoutes } from './many-runs-routes.ts';
import { readModes } from './read-run-request.ts';
import { runLogRoutes } from './run-log-routes.ts';
import { cursorOf, graphStatusOf, readCursor, statusesBehind, toRunRecord } from './run-record.ts';
import { type RunsApiParts, requireRun, requireThread } from './runs-api-parts.ts';
import {
  cancelQuery,
  cancelStreamQuery,
  joinQuery,
  pageQuery,
  runListQuery,
  runRequest,
  streamQuery,
} from './schemas.ts';
import { HEARTBEAT_MS, SseConnection } from './sse-connection.ts';
import { startRun } from './start-run.ts';
import { readRowsBefore, readState } from './thread-reader.ts';
import { readBounds } from './thread-routes.ts';
import { toGraphMessage } from './thread-state.ts';

const MAX_KEY_CHARS = 128;

/**
 * The key of a run, as it is stored. Programs choose theirs without knowing of one another, so each has a room of its own.
 *
 * @param batchIndex which run of a batch: one key stands for all of them.
 */
function idempotencyKeyOf(
  { request, caller }: { request: IncomingMessage; caller: Caller },
  batchIndex?: number,
): string | null {
  const given = request.headers['idempotency-key'];
  if (typeof given !== 'string' || given === '') return null;
  if (given.length > MAX_KEY_CHARS) {
    throw new HttpFailure(400, 'invalid_payload', `“Idempotency-Key” is longer than ${MAX_KEY_CHARS} characters.`);
  }
  const own = batchIndex === undefined ? given : `${given}#${batchIndex}`;
  const clientId = clientIdOf(caller);
  return clientId === null ? own : `${clientId}:${own}`;
}

/** Exactly the run's resource: clients read its ids from here, and a suffix would end up in them (BUG-C18). */
function locationOf(run: ListedRun): string {
  return `/api/threads/${encodeURIComponent(run.sessionId)}/runs/${encodeURIComponent(run.id)}`;
}

function headersOf(run: ListedRun): Record<string, string> {
  return {
    'content-location': locationOf(run),
    // Where the official client reconnects, counted from the address that it was given.
    location: `${locationOf(run).slice('/api'.length)}/stream`,
  };
}

/** What a program is told before its cap refuses it. Plain ASCII, as headers are. */
function spendWarning({ spent, limit, currency, period }: SpendCapState): string {
  return `${spent} of ${limit} ${currency} for this ${period} is spent. At the limit nothing new is sent.`;
}

/** Runs: answers that programs ask for. */
export function runRoutes(parts: RunsApiParts): ApiRoute[] {
  const { store, streams, clock } = parts;

  /** The connection that began a run may have asked for its end, and nobody else may be listening (BUG-C4). */
  const cancelWhenLeft = (run: ListedRun) => {
    if (run.options.program?.onDisconnect !== 'cancel' || parts.isClosing() || streams.readersOf(run.id) > 0) return;
    const now = store.runPages.run(run.id);
    if (now === null || isTerminalStatus(now.status)) return;
    // It ended meanwhile, or it is being stopped already: either way there is nothing left to do.
    void cancelRun(parts, run, 'interrupt').catch(() => undefined);
  };

  /** A run without a thread of its own that is to leave nothing behind. */
  const deleteWhenDone = (run: ListedRun, response: ServerResponse) => {
    if (run.options.program?.onCompletion !== 'delete') return;
    // Whoever began it may not read yet when it ends, and must not be told that there is no such run.
    const answered = new Promise<void>((resolve) => response.once('close', resolve));
    const remove = async () => {
      await streams.ended(run, new AbortController().signal);
      if (!response.closed) await answered;
      // Readers of its end come first: what they have not read is in the log that goes.
      while (streams.readersOf(run.id) > 0) await new Promise<void>((resolve) => clock.after(100, resolve));
      if (store.threads.get(run.sessionId) !== null && !parts.isClosing()) {
        await parts.router.dispatch('sessions.delete', { sessionId: run.sessionId }, null);
      }
    };
    void remove();
  };

  const begin: BeginRun = async (call, threadId, batchIndex) => {
    const spend = await parts.caps.assertMaySpend(clientIdOf(call.caller));
    if (spend?.state === 'near') call.response.setHeader('x-spend-warning', spendWarning(spend));
    const run = await startRun(parts, call.body, {
      threadId,
      caller: call.caller,
      idempotencyKey: idempotencyKeyOf(call, batchIndex),
    });
    deleteWhenDone(run, call.response);
    return run;
  };

  const stream = async (
    run: ListedRun,
    call: { request: IncomingMessage; response: ServerResponse },
    options: { modes: readonly string[] | string | undefined; isCreator: boolean },
  ): Promise<null> => {
    const modes = new Set(readModes(options.modes ?? run.options.program?.streamModes));
    const lastEventId = options.isCreator ? undefined : call.request.headers['last-event-id'];
    const before = modes.has('values') && !run.isQueued ? await readRowsBefore(parts, run) : null;
    const end = await streams.follow(
      run.id,
      { modes, before },
      Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
      () => new SseConnection(call.response, clock, headersOf(run)),
    );
    if (options.isCreator && end === 'left') cancelWhenLeft(run);
    return null;
  };

  /** The end of a run as one JSON value. What is written before it is white space, so that nobody takes us for dead. */
  const waitFor = async (run: ListedRun, call: { response: ServerResponse }, isCreator: boolean): Promise<null> => {
    const { response } = call;
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'content-location': locationOf(run),
    });
    response.flushHeaders();
    let cancelBeat: () => void = () => undefined;
    const beat = () => {
      cancelBeat = clock.after(HEARTBEAT_MS, () => {
        response.write('\n');
        beat();
      });
    };
    beat();
    try {
      await streams.ended(run, leaving(response));
    } finally {
      cancelBeat();
    }
    if (response.destroyed) {
      if (isCreator) cancelWhenLeft(run);
      return null;
    }
    response.end(JSON.stringify(await finalValues(parts, run)));
    return null;
  };

  const list = (threadId: string, query: (typeof runListQuery)['_output']): ApiAnswer => {
    requireThread(parts, threadId);
    const before = query.cursor === undefined ? undefined : readCursor(query.cursor);
    if (before === null) throw new HttpFailure(400, 'invalid_payload', 'The cursor is not one that this server gave.');
    const found = store.runPages.runs(threadId, {
      limit: query.limit + 1,
      offset: query.offset,
      ...(query.status === undefined ? {} : { statuses: statusesBehind(query.status) }),
      ...(before === undefined ? {} : { before }),
    });
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const { select } = query;
    const fields = select === undefined ? null : Array.isArray(select) ? select : [select];
    const shown = page.map((run) => {
      const record = toRunRecord(run);
      return fields === null
        ? record
        : Object.fromEntries(Object.entries(record).filter(([key]) => fields.includes(key)));
    });
    return json(shown, found.length > query.limit && last !== undefined ? { 'x-pagination-next': cursorOf(last) } : {});
  };

  const messages = (run: ListedRun, query: (typeof pageQuery)['_output']): ApiAnswer => {
    const page = store.runPages.runMessages(run.id, readBounds(query));
    return json({
      data: page.rows.map(({ place, message }) => ({ ...toGraphMessage(message), seq: place, run_id: run.id })),
      has_more: page.hasMore,
    });
  };

  const cancel = async (
    run: ListedRun,
    query: { action: 'interrupt' | 'rollback'; wait: boolean },
  ): Promise<ApiAnswer> => {
    const stopped = cancelRun(parts, run, query.action);
    if (query.wait) {
      await stopped;
      return { status: 204 };
    }
    // What goes wrong from here on is an event of the run.
    stopped.catch(() => undefined);
    return { status: 202 };
  };

  const threadRun = (params: Record<string, string>) =>
    requireRun(parts, params['thread_id'] ?? '', params['run_id'] ?? '');
  const anyRun = (params: Record<string, string>) => requireRun(parts, null, params['run_id'] ?? '');
  const RUNS = '/api/threads/{thread_id}/runs';
  const RUN = `${RUNS}/{run_id}`;

  /** The same three ways to begin a run, within a thread and without. */
  const beginnings = (path: string, suffix: string, threadOf: (params: Record<string, string>) => string | null) => [
    route({
      method: 'POST',
      path,
      operationId: `createRun${suffix}`,
      summary: 'Begins a run in the background.',
      scope: 'runs:create',
      body: runRequest,
      answer: async (call) => {
        const run = await begin(call, threadOf(call.params));
        return json(toRunRecord(run), { 'content-location': locationOf(run) });
      },
    }),
    route({
      method: 'POST',
      path: `${path}/stream`,
      operationId: `createRunStream${suffix}`,
      summary: 'Begins a run and streams it.',
      scope: 'runs:create',
      body: runRequest,
      isStream: true,
      answer: async (call) =>
        stream(await begin(call, threadOf(call.params)), call, { modes: undefined, isCreator: true }),
    }),
    route({
      method: 'POST',
      path: `${path}/wait`,
      operationId: `createRunWait${suffix}`,
      summary: 'Begins a run and answers with its final values.',
      scope: 'runs:create',
      body: runRequest,
      answer: async (call) => waitFor(await begin(call, threadOf(call.params)), call, true),
    }),
  ];

  return [
    ...beginnings(RUNS, '', (params) => params['thread_id'] ?? ''),
    ...beginnings('/api/runs', 'WithoutThread', () => null),
    ...manyRunsRoutes(parts, begin),
    route({
      method: 'GET',
      path: RUNS,
      operationId: 'listRuns',
      summary: 'A thread’s runs, newest first. “X-Pagination-Next” is the cursor of the next page.',
      scope: 'runs:read',
      query: runListQuery,
      answer: ({ params, query }) => list(params['thread_id'] ?? '', query),
    }),
    route({
      method: 'GET',
      path: RUN,
      operationId: 'getRun',
      summary: 'One run.',
      scope: 'runs:read',
      answer: ({ params }) => json(toRunRecord(threadRun(params))),
    }),
    route({
      method: 'POST',
      path: `${RUN}/cancel`,
      operationId: 'cancelRun',
      summary: 'Stops a run, or takes it back. 202 at once, 204 once it has ended.',
      scope: 'runs:cancel',
      query: cancelQuery,
      answer: ({ params, query }) => cancel(threadRun(params), query),
    }),
    route({
      method: 'GET',
      path: `${RUN}/join`,
      operationId: 'joinRun',
      summary: 'Waits for a run and answers with its final values.',
      scope: 'runs:read',
      query: joinQuery,
      answer: (call) => waitFor(threadRun(call.params), call, false),
    }),
    route({
      method: 'GET',
      path: `${RUN}/stream`,
      operationId: 'streamRun',
      summary: 'Streams a run that is there, from “Last-Event-ID” on or from its beginning. Never changes it.',
      scope: 'runs:read',
      query: streamQuery,
      isStream: true,
      answer: (call) => stream(threadRun(call.params), call, { modes: call.query.stream_mode, isCreator: false }),
    }),
    route({
      method: 'POST',
      path: `${RUN}/stream`,
      operationId: 'cancelAndStreamRun',
      summary: 'Stops a run where “action” says so, then streams what there is of it.',
      scope: 'runs:read',
      query: cancelStreamQuery,
      isStream: true,
      answer: async (call) => {
        const run = threadRun(call.params);
        const { action, wait } = call.query;
        if (action !== undefined) {
          if (!may(call.caller, 'runs:cancel')) throw missingScope('runs:cancel');
          const answer = await cancel(run, { action, wait });
          if (wait) return answer;
        }
        return stream(run, call, { modes: call.query.stream_mode, isCreator: false });
      },
    }),
    route({
      method: 'GET',
      path: '/api/runs/{run_id}/stream',
      operationId: 'streamRunById',
      summary: 'Streams a run whose thread is not known.',
      scope: 'runs:read',
      query: streamQuery,
      isStream: true,
      answer: (call) => stream(anyRun(call.params), call, { modes: call.query.stream_mode, isCreator: false }),
    }),
    route({
      method: 'GET',
      path: `${RUN}/messages`,
      operationId: 'listRunMessages',
      summary: 'A run’s messages in pages.',
      scope: 'runs:read',
      query: pageQuery,
      answer: ({ params, query }) => messages(threadRun(params), query),
    }),
    route({
      method: 'GET',
      path: '/api/runs/{run_id}/messages',
      operationId: 'listRunMessagesById',
      summary: 'The messages of a run whose thread is not known.',
      scope: 'runs:read',
      query: pageQuery,
      answer: ({ params, query }) => messages(anyRun(params), query),
    }),
    ...runLogRoutes(parts),
  ];
}

/** What a run came to: its thread's values, or why there are none. A part is never given out as the whole (BUG-C18). */
async function finalValues(parts: RunsApiParts, run: ListedRun): Promise<Record<string, unknown>> {
  const ended = parts.store.runPages.run(run.id);
  const failed = (status: string, error: string, message: string) => ({
    status,
    error: message,
    __error__: { error, message },
  });
  if (ended === null) return failed('error', 'not_found', 'The thread was deleted while its run was being made.');
  const status = graphStatusOf(ended.status);
  switch (status) {
    case 'success':
      // A run whose rows were set aside since has no state of its own any more; what is shown is the thread's.
      return {
        ...((await readState(parts, run.sessionId, run.id)) ?? (await readState(parts, run.sessionId)))?.values,
      };
    case 'error':
    case 'timeout':
      return failed(status, ended.errorInfo?.code ?? status, ended.error ?? 'The run failed.');
    case 'interrupted':
      return failed(
        status,
        ended.errorInfo?.code ?? 'interrupted',
        ended.error ?? 'The run was stopped before its end.',
      );
    case 'pending':
    case 'running':
      return failed(status, 'shutting_down', 'Sluice is closing. Join the run again after its restart.');
  }
}
