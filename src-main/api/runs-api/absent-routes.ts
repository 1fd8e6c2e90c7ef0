import { type ApiRoute, route } from '../api-route.ts';
import { HttpFailure } from '../http-failure.ts';

const NO_CRONS = 'There are no scheduled runs here. Start a run when it is due.';
const NO_STORE = 'There is no key-value store here. Keep such things in the metadata of a thread.';
const NO_ASSISTANTS = 'An assistant is a profile. Profiles are made and changed in the window of Sluice.';
const NO_THREAD_STREAM =
  'A thread has no stream of its own. Follow one of its runs: GET /api/threads/{thread_id}/runs/{run_id}/stream.';

type Absence = readonly [method: ApiRoute['method'], path: string, sentence: string];

/** What LangGraph's client can ask and nobody does here. */
const ABSENT: readonly Absence[] = [
  ['POST', '/api/runs/crons', NO_CRONS],
  ['POST', '/api/runs/crons/search', NO_CRONS],
  ['POST', '/api/runs/crons/count', NO_CRONS],
  ['PATCH', '/api/runs/crons/{cron_id}', NO_CRONS],
  ['DELETE', '/api/runs/crons/{cron_id}', NO_CRONS],
  ['POST', '/api/threads/{thread_id}/runs/crons', NO_CRONS],
  ['GET', '/api/store/items', NO_STORE],
  ['PUT', '/api/store/items', NO_STORE],
  ['DELETE', '/api/store/items', NO_STORE],
  ['POST', '/api/store/items/search', NO_STORE],
  ['POST', '/api/store/namespaces', NO_STORE],
  ['POST', '/api/assistants', NO_ASSISTANTS],
  ['PATCH', '/api/assistants/{assistant_id}', NO_ASSISTANTS],
  ['DELETE', '/api/assistants/{assistant_id}', NO_ASSISTANTS],
  ['POST', '/api/assistants/{assistant_id}/latest', NO_ASSISTANTS],
  ['GET', '/api/threads/{thread_id}/stream', NO_THREAD_STREAM],
  ['POST', '/api/threads/{thread_id}/stream', NO_THREAD_STREAM],
  ['POST', '/api/threads/{thread_id}/stream/events', NO_THREAD_STREAM],
  ['POST', '/api/threads/{thread_id}/commands', NO_THREAD_STREAM],
];

/**
 * Says of each operation that is not there what to do instead, rather than that an address is unknown. 404, because the
 * official client takes any 5xx for a bad moment and tries again for half a minute.
 */
export function absentRoutes(): ApiRoute[] {
  return ABSENT.map(([method, path, sentence], index) =>
    route({
      method,
      path,
      operationId: `absent${index}`,
      summary: sentence,
      scope: 'runs:read',
      isAbsent: true,
      answer: () => {
        throw new HttpFailure(404, 'not_found', sentence, { details: { error: 'not_supported' } });
      },
    }),
  );
}
