import type { AppFailure } from '../platform/app-failure.ts';
import { fromAppError } from '../platform/app-failure.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type HttpCall, MAX_STREAM_BYTES } from './http-client.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import {
  errorOf,
  type FailureContext,
  looksLikeHtml,
  mapErrorObject,
  mapErrorResponse,
  mapUnreadable,
  mapWebPage,
} from './map-error.ts';
import type { UpstreamContext } from './upstream-adapter.ts';

/** The circumstances of a call as the HTTP client wants them. */
export function callOf(context: UpstreamContext, maxBytes = MAX_STREAM_BYTES): HttpCall {
  const { target, deadlines, clock, signal } = context;
  return { upstream: target.profileName, deadlines, clock, signal, maxBytes, proxy: target.proxy ?? null };
}

export function failureContextOf({ target, clock }: UpstreamContext): FailureContext {
  return { upstream: target.profileName, secret: target.secret, nowMs: clock.now() };
}

/**
 * Reads an answer that is to be one JSON object.
 *
 * @param isContent true for an object whose `error` field is part of what was asked for.
 * @throws AppFailure for any other status, an error body under 200, a web page, an empty body, text without JSON; and as
 *   `HttpAnswer.read`.
 */
export async function readJsonObject(
  answer: HttpAnswer,
  context: FailureContext,
  isContent: (body: JsonObject) => boolean = () => false,
): Promise<JsonObject> {
  await throwIfFailed(answer, context);
  const body = await answer.text();
  if (body.trim() === '') throw toFailure(mapUnreadable('what_nothing', context, answer.status));
  const json = parseJson(body);
  const error = isObject(json) && isContent(json) ? null : errorOf(json);
  if (error !== null) throw toFailure(mapErrorObject(error, context, 'body'));
  if (isObject(json)) return json;
  if (looksLikeHtml({ status: answer.status, header: (name) => answer.header(name), body }))
    throw toFailure(mapWebPage(context, answer.status));
  throw toFailure(mapUnreadable('what_no_json', context, answer.status));
}

/** Throws what an answer without a success status means; reads the beginning of its body for that. */
export async function throwIfFailed(answer: HttpAnswer, context: FailureContext): Promise<void> {
  if (answer.status >= 200 && answer.status < 300) return;
  const body = await answer.refusal();
  throw toFailure(mapErrorResponse({ status: answer.status, header: (name) => answer.header(name), body }, context));
}

export function toFailure(error: ReturnType<typeof mapErrorResponse>): AppFailure {
  return fromAppError(error);
}
