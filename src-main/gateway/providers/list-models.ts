import { failureOf } from '../../platform/app-failure.ts';
import type { HttpClient } from '../http-client.ts';
import { isObject, textOf } from '../json.ts';
import { callOf, failureContextOf, readJsonObject } from '../read-answer.ts';
import type { UpstreamContext } from '../upstream-adapter.ts';

/** A list that takes longer is not worth the wait. */
const LIST_TIMEOUT_MS = 10_000;
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/**
 * The models of an upstream: `GET /v1/models`, which OpenAI-compatible servers, Anthropic and Hermes agents know alike. It
 * costs nothing and wants the key, so it also shows whether a key is accepted.
 *
 * @param search what is asked of the list, with its question mark.
 * @throws AppFailure as every call; `upstream_bad_response` where the answer is no list.
 */
export async function listModels(
  http: HttpClient,
  context: UpstreamContext,
  headers: Record<string, string>,
  search = '',
): Promise<string[]> {
  const deadlines = {
    headersTimeoutMs: LIST_TIMEOUT_MS,
    idleTimeoutMs: LIST_TIMEOUT_MS,
    totalTimeoutMs: LIST_TIMEOUT_MS,
  };
  const answer = await http.open(
    {
      method: 'GET',
      url: `${context.target.baseUrl}/v1/models${search}`,
      headers: { accept: 'application/json', ...headers },
    },
    callOf({ ...context, deadlines }, MAX_LIST_BYTES),
  );
  const body = await readJsonObject(answer, failureContextOf(context));
  const data = body['data'];
  if (!Array.isArray(data)) {
    throw failureOf(
      'upstream_bad_response',
      { word: 'no_model_list_answer', with: { upstream: context.target.profileName } },
      { retry: { kind: 'user-action', action: 'check-address' }, details: { status: answer.status } },
    );
  }
  return data.flatMap((model: unknown) => {
    const id = isObject(model) ? textOf(model['id']) : null;
    return id === null ? [] : [id];
  });
}
