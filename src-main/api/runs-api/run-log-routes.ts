import type { ServerResponse } from 'node:http';
import { isTerminalStatus } from '#contract/records';
import type { UsageCall } from '#contract/usage-report';
import {
  EVENT_CATEGORIES,
  type EventCategory,
  LOGGED_EVENT_NAMES,
  namesIn,
  toAuditLine,
} from '../../runs/event-categories.ts';
import type { ListedRun } from '../../store/run-pages.ts';
import { type ApiRoute, json, route } from '../api-route.ts';
import { HttpFailure } from '../http-failure.ts';
import { leaving } from './leaving.ts';
import { type RunsApiParts, requireRun } from './runs-api-parts.ts';
import { eventQuery } from './schemas.ts';
import { readBounds } from './thread-routes.ts';

const RUN = '/api/threads/{thread_id}/runs/{run_id}';
/** A run that calls more often than this is not listed to its end. */
const MOST_CALLS = 1000;

function invalid(field: string, what: string): HttpFailure {
  return new HttpFailure(422, 'invalid_payload', what, { details: { field } });
}

/** The names that a query asks for; null for all. @throws HttpFailure 422 for a name or category that there is not. */
function namesOf(query: { event_types?: string | undefined; categories?: string | undefined }): string[] | null {
  const list = (text: string | undefined) => text?.split(',').map((name) => name.trim()) ?? null;
  const names = list(query.event_types);
  const unknown = names?.find((name) => !LOGGED_EVENT_NAMES.has(name));
  if (unknown !== undefined) throw invalid('event_types', `No event is called “${unknown}”.`);
  const asked = list(query.categories);
  const categories = asked?.map((name): EventCategory => {
    const known = EVENT_CATEGORIES.find((one) => one === name);
    if (known === undefined)
      throw invalid('categories', `There is no category “${name}”: ${EVENT_CATEGORIES.join(', ')}.`);
    return known;
  });
  if (categories === undefined) return names;
  const within = namesIn(categories);
  return names === null ? within : names.filter((name) => within.includes(name));
}

/** A call to an upstream as a trace: which model and key were asked, when, and what came of it. Never what was said. */
function toTrace(call: UsageCall, isOpen: boolean): Record<string, unknown> {
  return {
    call_id: call.id,
    purpose: call.purpose,
    caller: call.caller,
    profile: call.profile,
    model: call.model,
    credential_id: call.credentialId,
    credential_label: call.credentialLabel,
    outcome: isOpen ? null : call.outcome,
    started_at: new Date(call.startedAtMs).toISOString(),
    ended_at: isOpen ? null : new Date(call.endedAtMs).toISOString(),
    input_tokens: call.inputTokens,
    output_tokens: call.outputTokens,
    source: call.source,
  };
}

/** What happened in a run, for audit. */
export function runLogRoutes(parts: RunsApiParts): ApiRoute[] {
  const { store, reads } = parts;
  const runOf = (params: Record<string, string>) =>
    requireRun(parts, params['thread_id'] ?? '', params['run_id'] ?? '');
  return [
    route({
      method: 'GET',
      path: `${RUN}/events`,
      operationId: 'listRunEvents',
      summary: 'A run’s log in pages, for audit; of one that was taken back as well.',
      scope: 'runs:read',
      query: eventQuery,
      answer: ({ params, query }) => {
        const run = runOf(params);
        const page = store.runPages.events(run.id, readBounds(query), namesOf(query));
        return json({ data: page.rows.map(toAuditLine), has_more: page.hasMore });
      },
    }),
    route({
      method: 'GET',
      path: `${RUN}/events.jsonl`,
      operationId: 'exportRunEvents',
      summary: 'A run’s whole log, one event a line. While the run is live it is followed to its end.',
      scope: 'runs:read',
      answer: async ({ params, response }) => {
        const run = runOf(params);
        response.writeHead(200, { 'content-type': 'application/jsonl; charset=utf-8', 'cache-control': 'no-store' });
        await exportEvents(parts, run, response);
        return null;
      },
    }),
    route({
      method: 'GET',
      path: `${RUN}/calls`,
      operationId: 'listRunCalls',
      summary:
        'The calls to upstreams that a run made: tries, other keys, summaries on the way. Without what was said.',
      scope: 'runs:read',
      answer: async ({ params }) => {
        const run = runOf(params);
        const asked = { sessionId: run.sessionId, runId: run.id, limit: MOST_CALLS };
        const { booked, open } = await reads.ask('usageOfRun', asked);
        return json({
          data: [...booked.map((call) => toTrace(call, false)), ...open.map((call) => toTrace(call, true))],
        });
      },
    }),
  ];
}

/** Writes a run's events as lines, as far as they are and then as they come, never faster than they are read. */
async function exportEvents(parts: RunsApiParts, run: ListedRun, response: ServerResponse): Promise<void> {
  const left = leaving(response);
  let news: () => void = () => undefined;
  let room: () => void = () => undefined;
  const unsubscribe = parts.log.subscribe((event) => {
    if (event.run_id === run.id) news();
  });
  response.on('drain', () => room());
  left.addEventListener(
    'abort',
    () => {
      news();
      room();
    },
    { once: true },
  );
  try {
    for (let after = 0; !left.aborted; ) {
      const { rows } = parts.store.runPages.events(run.id, { after, limit: 500 });
      const now = parts.store.runPages.run(run.id);
      if (rows.length === 0 && (now === null || isTerminalStatus(now.status))) break;
      const isFull =
        rows.length > 0 && !response.write(rows.map((event) => `${JSON.stringify(toAuditLine(event))}\n`).join(''));
      after = rows.at(-1)?.seq ?? after;
      if (rows.length > 0 && !isFull) continue;
      await new Promise<void>((resolve) => {
        if (isFull) room = resolve;
        else news = resolve;
      });
    }
  } finally {
    unsubscribe();
  }
  response.end();
}
