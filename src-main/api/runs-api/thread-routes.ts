import { AppFailure } from '../../platform/app-failure.ts';
import { LOCAL_USER } from '../../runs/feedback-desk.ts';
import { NEW_SESSION_TITLE } from '../../runs/run-rows.ts';
import type { ThreadRow } from '../../store/thread-repository.ts';
import { type ApiRoute, json, route } from '../api-route.ts';
import { HttpFailure, unsupportedOption } from '../http-failure.ts';
import { toFeedback } from './feedback-routes.ts';
import { ask, type RunsApiParts, requireThread } from './runs-api-parts.ts';
import {
  history,
  pageQuery,
  stateAtCheckpoint,
  statePatch,
  stateQuery,
  threadCount,
  threadCreate,
  threadGetQuery,
  threadPrune,
  threadSearch,
  threadUpdate,
  usageQuery,
} from './schemas.ts';
import { readHistory, readState } from './thread-reader.ts';
import { toGraphMessage } from './thread-state.ts';
import { toThreadUsage } from './thread-usage.ts';

function toThread({ session, metadata, status }: ThreadRow, values: unknown): Record<string, unknown> {
  const updated = new Date(session.updated_at_ms).toISOString();
  return {
    thread_id: session.id,
    title: session.title,
    created_at: new Date(session.created_at_ms).toISOString(),
    updated_at: updated,
    state_updated_at: updated,
    metadata,
    status,
    values,
    interrupts: {},
    config: {},
  };
}

/** A change of metadata: keys are added and replaced, those set to null go. */
function merged(held: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...held, ...change }).filter(([, value]) => value !== null));
}

function assertNothing(fields: Record<string, unknown>, remedy: string): void {
  for (const [option, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) throw unsupportedOption(option, remedy);
  }
}

/** @throws HttpFailure 400 where a page is asked for in both directions. */
export function readBounds(query: { before_seq?: number | undefined; after_seq?: number | undefined; limit: number }): {
  before?: number;
  after?: number;
  limit: number;
} {
  const { before_seq: before, after_seq: after, limit } = query;
  if (before !== undefined && after !== undefined) {
    throw new HttpFailure(
      400,
      'invalid_payload',
      'A page lies before or after a place. Give one of “before_seq” and “after_seq”.',
    );
  }
  return { limit, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function filterOf(body: {
  metadata?: Record<string, unknown> | null | undefined;
  status?: ThreadRow['status'] | null | undefined;
}) {
  return {
    ...(body.metadata == null ? {} : { metadata: body.metadata }),
    ...(body.status == null ? {} : { status: body.status }),
  };
}

const NO_RUNLESS_CHANGE = 'Only a run adds messages; send one.';

/** Threads, which are conversations. */
export function threadRoutes(parts: RunsApiParts): ApiRoute[] {
  const { store, clock, newId, reads } = parts;

  const setMetadata = async (threadId: string, change: Record<string, unknown>) => {
    await store.committer.commit(() => {
      const thread = store.threads.get(threadId);
      if (thread === null) throw new AppFailure('not_found', 'There is no such thread.');
      store.threads.setMetadata(threadId, merged(thread.metadata, change));
    });
  };
  const full = async (threadId: string) => {
    const state = await readState(parts, threadId);
    return toThread(requireThread(parts, threadId), state?.values ?? { messages: [] });
  };
  const create = async (
    threadId: string,
    options: { metadata: Record<string, unknown>; title: string | null },
  ): Promise<boolean> => {
    const nowMs = clock.now();
    const isNew = await store.committer.commit(() => {
      if (store.sessions.get(threadId) !== null) return false;
      store.sessions.insert({
        id: threadId,
        title: options.title ?? NEW_SESSION_TITLE,
        title_source: options.title === null ? 'auto' : 'user',
        profile: null,
        model: null,
        workspace: null,
        created_at_ms: nowMs,
        updated_at_ms: nowMs,
      });
      store.threads.setMetadata(threadId, merged({}, options.metadata));
      return true;
    });
    if (isNew) parts.announce([threadId], 'created');
    return isNew;
  };

  return [
    route({
      method: 'POST',
      path: '/api/threads',
      operationId: 'createThread',
      summary: 'Begins a thread.',
      scope: 'threads:write',
      body: threadCreate,
      answer: async ({ body }) => {
        assertNothing({ supersteps: body.supersteps }, NO_RUNLESS_CHANGE);
        assertNothing({ ttl: body.ttl }, 'Threads stay until they are deleted.');
        const threadId = body.thread_id ?? newId();
        const isNew = await create(threadId, { metadata: body.metadata ?? {}, title: body.title ?? null });
        if (!isNew && body.if_exists !== 'do_nothing') {
          throw new AppFailure('conflict', `There is a thread “${threadId}” already.`);
        }
        return json(await full(threadId));
      },
    }),
    route({
      method: 'POST',
      path: '/api/threads/search',
      operationId: 'searchThreads',
      summary: 'Threads by metadata, status and ids; the last changed first.',
      scope: 'threads:read',
      body: threadSearch,
      answer: async ({ body }) => {
        assertNothing({ values: body.values, extract: body.extract }, 'Search by metadata, status or ids.');
        const sortBy = body.sort_by === 'state_updated_at' ? 'updated_at' : body.sort_by;
        const rows = store.threads.search({
          ...filterOf(body),
          ...(body.ids == null ? {} : { ids: body.ids }),
          ...(sortBy == null ? {} : { sortBy }),
          ...(body.sort_order == null ? {} : { sortOrder: body.sort_order }),
          limit: body.limit,
          offset: body.offset,
        });
        const { select } = body;
        const found: Record<string, unknown>[] = [];
        for (const row of rows) {
          // Whole conversations only for those who ask for them: a list would carry everything that was ever said.
          const values = select?.includes('values') === true ? (await readState(parts, row.session.id))?.values : null;
          const thread = toThread(row, values ?? null);
          found.push(
            select == null
              ? thread
              : Object.fromEntries(Object.entries(thread).filter(([key]) => select.includes(key))),
          );
        }
        return json(found);
      },
    }),
    route({
      method: 'POST',
      path: '/api/threads/count',
      operationId: 'countThreads',
      summary: 'How many threads a search would find.',
      scope: 'threads:read',
      body: threadCount,
      answer: ({ body }) => {
        assertNothing({ values: body.values }, 'Count by metadata or status.');
        return json(store.threads.count(filterOf(body)));
      },
    }),
    route({
      method: 'POST',
      path: '/api/threads/prune',
      operationId: 'pruneThreads',
      summary: 'Deletes several threads. Those that are not there are not counted.',
      scope: 'threads:delete',
      body: threadPrune,
      answer: async ({ body }) => {
        if (body.strategy === 'keep_latest') {
          throw unsupportedOption('strategy: keep_latest', 'A state is what was said up to it, so none can go alone.');
        }
        let pruned = 0;
        for (const threadId of new Set(body.thread_ids)) {
          if (store.threads.get(threadId) === null) continue;
          await ask(parts, 'sessions.delete', { sessionId: threadId });
          pruned++;
        }
        return json({ pruned_count: pruned });
      },
    }),
    route({
      method: 'GET',
      path: '/api/threads/{thread_id}',
      operationId: 'getThread',
      summary: 'A thread with its messages.',
      scope: 'threads:read',
      query: threadGetQuery,
      answer: async ({ params }) => {
        requireThread(parts, params['thread_id'] ?? '');
        return json(await full(params['thread_id'] ?? ''));
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/threads/{thread_id}',
      operationId: 'updateThread',
      summary: 'Changes a thread’s metadata or title. Keys set to null go.',
      scope: 'threads:write',
      body: threadUpdate,
      answer: async ({ params, body, request }) => {
        const threadId = params['thread_id'] ?? '';
        assertNothing({ ttl: body.ttl }, 'Threads stay until they are deleted.');
        requireThread(parts, threadId);
        if (body.metadata != null) await setMetadata(threadId, body.metadata);
        if (body.title != null) await ask(parts, 'sessions.rename', { sessionId: threadId, title: body.title });
        if (request.headers['prefer'] === 'return=minimal') return { status: 204 };
        return json(await full(threadId));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/threads/{thread_id}',
      operationId: 'deleteThread',
      summary: 'Stops what runs in a thread and deletes it with everything that belongs to it.',
      scope: 'threads:delete',
      answer: async ({ params }) => {
        requireThread(parts, params['thread_id'] ?? '');
        await ask(parts, 'sessions.delete', { sessionId: params['thread_id'] });
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/api/threads/{thread_id}/copy',
      operationId: 'copyThread',
      summary: 'A new thread with the same messages.',
      scope: 'threads:write',
      answer: async ({ params }) => {
        const thread = requireThread(parts, params['thread_id'] ?? '');
        const last = store.messages.page(thread.session.id, 1).messages[0];
        const copyId =
          last === undefined
            ? newId()
            : (await ask<{ id: string }>(parts, 'sessions.fork', { sessionId: thread.session.id, messageId: last.id }))
                .id;
        if (last === undefined) await create(copyId, { metadata: {}, title: null });
        await store.committer.commit(() => store.threads.setMetadata(copyId, thread.metadata));
        return json(await full(copyId));
      },
    }),
    route({
      method: 'GET',
      path: '/api/threads/{thread_id}/state',
      operationId: 'getThreadState',
      summary: 'A thread’s state now.',
      scope: 'threads:read',
      query: stateQuery,
      answer: async ({ params }) => {
        requireThread(parts, params['thread_id'] ?? '');
        return json(await readState(parts, params['thread_id'] ?? ''));
      },
    }),
    route({
      method: 'POST',
      path: '/api/threads/{thread_id}/state',
      operationId: 'updateThreadState',
      summary: 'Refused: only a run adds messages.',
      scope: 'threads:write',
      answer: () => {
        throw unsupportedOption('values', NO_RUNLESS_CHANGE);
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/threads/{thread_id}/state',
      operationId: 'patchThreadState',
      summary: 'Changes a thread’s metadata.',
      scope: 'threads:write',
      body: statePatch,
      answer: async ({ params, body }) => {
        requireThread(parts, params['thread_id'] ?? '');
        await setMetadata(params['thread_id'] ?? '', body.metadata);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/api/threads/{thread_id}/state/{checkpoint_id}',
      operationId: 'getThreadStateAt',
      summary: 'A thread’s state after one of its runs.',
      scope: 'threads:read',
      query: stateQuery,
      answer: ({ params }) => stateAt(params['thread_id'] ?? '', params['checkpoint_id'] ?? ''),
    }),
    route({
      method: 'POST',
      path: '/api/threads/{thread_id}/state/checkpoint',
      operationId: 'getThreadStateAtCheckpoint',
      summary: 'A thread’s state after one of its runs, by checkpoint.',
      scope: 'threads:read',
      body: stateAtCheckpoint,
      answer: ({ params, body }) => stateAt(params['thread_id'] ?? '', body.checkpoint.checkpoint_id ?? null),
    }),
    route({
      method: 'POST',
      path: '/api/threads/{thread_id}/history',
      operationId: 'getThreadHistory',
      summary: 'A thread’s states after each of its runs, newest first.',
      scope: 'threads:read',
      body: history,
      answer: async ({ params, body }) => {
        requireThread(parts, params['thread_id'] ?? '');
        const { before } = body;
        const beforeId =
          before == null
            ? null
            : typeof before === 'string'
              ? before
              : 'configurable' in before
                ? (before.configurable.checkpoint_id ?? null)
                : (before.checkpoint_id ?? null);
        return json(
          await readHistory(parts, params['thread_id'] ?? '', {
            limit: body.limit,
            before: beforeId,
            from: body.checkpoint?.checkpoint_id ?? null,
            metadata: body.metadata ?? {},
          }),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/api/threads/{thread_id}/messages',
      operationId: 'listThreadMessages',
      summary: 'A thread’s messages in pages, with feedback on the last answer of each run.',
      scope: 'threads:read',
      query: pageQuery,
      answer: ({ params, query }) => {
        const threadId = params['thread_id'] ?? '';
        requireThread(parts, threadId);
        const page = store.runPages.messages(threadId, readBounds(query));
        const votes = store.feedback.byRun(threadId, LOCAL_USER);
        const data = page.rows.map(({ place, message }) => {
          const vote = message.run_id === null ? undefined : votes.get(message.run_id);
          const isLast = vote !== undefined && store.runPages.lastAnswerId(message.run_id ?? '') === message.id;
          return {
            ...toGraphMessage(message),
            seq: place,
            run_id: message.run_id,
            feedback: isLast ? toFeedback(vote) : null,
          };
        });
        return json({ data, has_more: page.hasMore, next_before_seq: page.rows[0]?.place ?? null });
      },
    }),
    route({
      method: 'GET',
      path: '/api/threads/{thread_id}/token-usage',
      operationId: 'getThreadTokenUsage',
      summary:
        'What a thread’s calls cost, by model and by caller: the sums of the ledger, with the estimated part told apart.',
      scope: 'threads:read',
      query: usageQuery,
      answer: async ({ params, query }) => {
        const threadId = params['thread_id'] ?? '';
        requireThread(parts, threadId);
        const includesActive = query.include_active;
        const ledger = await reads.ask('usageOfSession', { sessionId: threadId });
        const runs = store.runPages.count(threadId, includesActive);
        return json(toThreadUsage(threadId, ledger, { runs, includesActive }));
      },
    }),
  ];

  async function stateAt(threadId: string, checkpointId: string | null) {
    requireThread(parts, threadId);
    const state = await readState(parts, threadId, checkpointId);
    if (state === null) throw new AppFailure('not_found', 'This thread has no such checkpoint.');
    return json(state);
  }
}
