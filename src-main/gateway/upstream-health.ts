import type { UpstreamHealth } from '#contract/records';
import { AppFailure, factOf, told } from '../platform/app-failure.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { HttpClient } from './http-client.ts';
import { isObject, parseJson } from './json.ts';
import { mapErrorResponse } from './map-error.ts';
import { bearer } from './providers/auth-headers.ts';
import { callOf, failureContextOf, toFailure } from './read-answer.ts';
import type { UpstreamContext } from './upstream-adapter.ts';

/** E9-03: a health check that takes longer helps nobody. */
const DEADLINES = { headersTimeoutMs: 3000, idleTimeoutMs: 3000, totalTimeoutMs: 5000 };
/** OpenRouter's list, the longest known, has some 400 KB. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_MODELS = 2000;

/** What is known of an upstream, without when it was asked. */
export type HealthReading = Omit<UpstreamHealth, 'checkedAtMs'>;

/**
 * Asks an upstream for its models with its key, which tells four things apart: it works, it refuses the key, it is not there,
 * it is something else. Never throws for what it answers.
 *
 * @throws the signal's reason when it aborted.
 */
export async function checkUpstream(http: HttpClient, given: UpstreamContext): Promise<HealthReading> {
  const context = { ...given, deadlines: DEADLINES };
  const { target, signal } = context;
  const upstream = target.profileName;
  try {
    const answer = await http.open(
      { method: 'GET', url: `${target.baseUrl}/v1/models`, headers: headersOf(context) },
      callOf(context, MAX_LIST_BYTES),
    );
    if (answer.status >= 200 && answer.status < 300) return readModels(await answer.text(), upstream);
    return await readRefusal(answer, context);
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof AppFailure)) throw thrown;
    return readingOfFailure(thrown, upstream);
  }
}

/** What a failure says of an upstream: one before it was asked, or one of the connection. */
export function readingOfFailure(failure: AppFailure, upstream: string): HealthReading {
  const { code } = failure;
  const words = told(factOf(failure));
  if (code === 'no_credential' || code === 'secrets_locked' || code === 'upstream_auth')
    return { state: code === 'upstream_auth' ? 'key-refused' : 'no-key', ...words, models: null };
  if (code === 'proxy_failed') return { state: 'proxy-failed', ...words, models: null };
  // Whatever answers without speaking HTTP is there, and something else.
  if (code === 'upstream_bad_response') return { state: 'wrong-service', ...words, models: null };
  if (code === 'upstream_unreachable' || code === 'upstream_lost')
    return { state: 'unreachable', ...words, models: null };
  if (code === 'timeout') {
    const seconds = DEADLINES.headersTimeoutMs / 1000;
    return {
      state: 'unreachable',
      ...told({ word: 'check_too_late', with: { upstream, seconds } }),
      models: null,
    };
  }
  return { state: 'failing', ...words, models: null };
}

function headersOf({ target }: UpstreamContext): Record<string, string> {
  if (target.kind !== 'anthropic') return { accept: 'application/json', ...bearer(target.secret) };
  return {
    accept: 'application/json',
    'anthropic-version': '2023-06-01',
    ...(target.secret === null ? {} : { 'x-api-key': target.secret }),
  };
}

/** The ids of a models list in the form that OpenAI, Anthropic, Hermes and local servers share; null for anything else. */
export function modelIdsIn(body: string): string[] | null {
  const json = parseJson(body);
  const list = isObject(json) ? json['data'] : null;
  if (!Array.isArray(list)) return null;
  const ids = list.map((each: unknown) => (isObject(each) ? each['id'] : null));
  return ids.filter((id): id is string => typeof id === 'string' && id !== '').slice(0, MAX_MODELS);
}

function readModels(body: string, upstream: string): HealthReading {
  const models = modelIdsIn(body);
  if (models === null) return wrongService(upstream);
  return { state: 'ok', ...told({ word: 'check_answers', with: { upstream } }), models };
}

async function readRefusal(answer: HttpAnswer, context: UpstreamContext): Promise<HealthReading> {
  const upstream = context.target.profileName;
  const body = await answer.refusal();
  const { status } = answer;
  if (status === 404 || status === 405 || status === 501) {
    // Some compatible servers have no list; they say so in JSON. A web server says it in a page.
    if (isObject(parseJson(body)))
      return { state: 'ok', ...told({ word: 'check_no_models', with: { upstream } }), models: null };
    return wrongService(upstream);
  }
  const raw = { status, header: (name: string) => answer.header(name), body };
  const reading = readingOfFailure(toFailure(mapErrorResponse(raw, failureContextOf(context))), upstream);
  return reading.state === 'unreachable' ? { ...reading, state: 'failing' } : reading;
}

function wrongService(upstream: string): HealthReading {
  return {
    state: 'wrong-service',
    ...told({ word: 'check_something_else', with: { upstream } }),
    models: null,
  };
}
