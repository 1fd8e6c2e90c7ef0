import type { ProfileKind } from '#contract/records';
import { AppFailure } from '../../platform/app-failure.ts';
import { withoutMark } from '../../platform/byte-order-mark.ts';
import { jsonBytes } from '../../platform/json-bytes.ts';
import type { CallScrub } from '../call-scrub.ts';
import type { HttpAnswer } from '../http-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { isObject, type JsonObject, parseJson, textOf } from '../json.ts';
import {
  errorOf,
  type FailureContext,
  looksLikeHtml,
  mapErrorObject,
  mapErrorResponse,
  mapUnreadable,
  mapWebPage,
} from '../map-error.ts';
import { lostConnection } from '../map-network-error.ts';
import { bearer } from '../providers/auth-headers.ts';
import { callOf, failureContextOf, toFailure } from '../read-answer.ts';
import { askEither, PATH_OF, type SpokenProtocols } from '../spoken-protocols.ts';
import {
  type Dropped,
  exactly,
  type Translation,
  TranslationFailure,
  type translateRequest,
  type WireProtocol,
} from '../translate/translation.ts';
import type { UpstreamContext } from '../upstream-adapter.ts';
import type { UpstreamEvent } from '../upstream-event.ts';
import type { CallExtras } from './call-extras.ts';
import { ESTIMATE_HEADER, ESTIMATED_START } from './estimate-header.ts';
import { givenBack } from './forwarded-headers.ts';
import { leftOut } from './left-out.ts';
import { withoutEncrypted } from './own-seals.ts';
import { type AnswerBytes, readAtMost, readUnpacked, unpackedWords } from './read-unpacked.ts';
import type { ReferableAnswers } from './referable-answers.ts';
import type { RelayQuestion } from './relay-port.ts';
import { asIs, isWebSearchOnly } from './relay-request.ts';
import { UpstreamRefusal } from './upstream-refusal.ts';
import { isWholeAnswer, wholeAnswerEvents } from './wire-decoder.ts';

/** The newest that there is (2026-11); sent where a program names none. */
const ANTHROPIC_VERSION = '2023-06-01';
const NO_BYTES = Buffer.alloc(0);
const BEGINS_AS_JSON = /^\s*\{/;

/** An answer that an upstream gave, in the client's protocol but for a stream, which is still to be read. */
export type Taken = TakenWhole | TakenStream;

export interface TakenWhole {
  kind: 'whole';
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  /** What it says, for the books. */
  events: UpstreamEvent[];
}

export interface TakenStream {
  kind: 'stream';
  status: number;
  headers: Record<string, string>;
  body: AnswerBytes;
  /** The upstream's. */
  protocol: WireProtocol;
  /** Null where the bytes go through as they are. */
  translation: AnswerTranslation | null;
  failures: FailureContext;
  scrub: CallScrub;
}

export interface SendParts {
  http: HttpClient;
  translate: typeof translateRequest;
  spoken: SpokenProtocols;
  kept: ReferableAnswers;
  extras: CallExtras;
  /** As `HttpCall.leaving`. */
  leaving?: () => void;
}

/** What brings answers back; what was asked is written by then. */
type AnswerTranslation = Omit<Translation, 'body' | 'dropped'>;

/** A request as it leaves, whatever key it leaves with. */
export interface SendPlan {
  spoken: WireProtocol;
  /** Null where the bytes go through as they are. */
  translation: AnswerTranslation | null;
  dropped: readonly Dropped[];
  /** Empty once it was let go of. */
  bytes: Buffer;
}

/** As `letGo` of a request: for when nobody sends it any more. */
export function letGoOf(plan: SendPlan): void {
  plan.bytes = NO_BYTES;
}

/**
 * What is to be sent to an upstream of this kind. Asked before anything is leased or booked: a request that cannot be carried
 * over spends nothing.
 *
 * @throws TranslationFailure; AppFailure `unsupported_option` for a web search that nobody there has.
 */
export function planRequest(
  { translate, spoken, kept, extras }: Pick<SendParts, 'translate' | 'spoken' | 'kept' | 'extras'>,
  question: RelayQuestion,
  model: string,
  profile: { name: string; kind: ProfileKind; baseUrl: string },
  nowMs: number,
  wanted: WireProtocol | null = spoken.choose(question.client, { ...profile, model }, nowMs),
): SendPlan {
  const { client, request, thinking } = question;
  const protocol = wanted ?? client;
  if (protocol === client) return { spoken: protocol, translation: null, ...asIs(request, model, thinking, client) };
  if (client === 'anthropic-messages' && isWebSearchOnly(request.body)) throw noSearch(profile.name);
  const owner = question.clientId ?? 'owner';
  // Numbers that a double does not hold stay what they are.
  const exact = exactly(request.bytes, request.body);
  const body = client === 'openai-responses' ? kept.expand(owner, exact) : exact;
  // A request that is not to be kept is not held while its answer comes, either.
  const isKept = client === 'openai-responses' && body['store'] !== false;
  const previousId = textOf(request.body['previous_response_id']);
  const {
    body: written,
    dropped,
    ...translation
  } = translate(client, protocol, body, {
    model,
    thinking: thinking ? 'on' : 'as-asked',
    nowMs,
    replyId: question.id.replaceAll('-', ''),
    extras: extras.of(owner, profile.baseUrl),
    ...(previousId === null ? {} : { previousId }),
    ...(isKept ? { answered: (response) => kept.keep(owner, body, response) } : {}),
  });
  return { spoken: protocol, translation, dropped, bytes: jsonBytes(written) };
}

/**
 * One request to one upstream with one key. Resolves with a whole answer that was read and understood, or at the headers of a
 * stream, which the caller then owns.
 *
 * @throws AppFailure, an `UpstreamRefusal` where the program may see the upstream's own words; the signal's reason when it
 *   aborted.
 */
export async function sendRequest(
  parts: SendParts,
  question: RelayQuestion,
  model: string,
  plan: SendPlan,
  context: UpstreamContext,
  scrub: CallScrub,
): Promise<Taken> {
  const { profileName: name, kind, baseUrl } = context.target;
  const nowMs = () => context.clock.now();
  return askEither(parts.spoken, plan.spoken, { kind, baseUrl, model }, nowMs, (protocol) => {
    if (protocol === plan.spoken) return sendReadable(parts, question, plan, context, scrub);
    const other = planAgain(() => planRequest(parts, question, model, { name, kind, baseUrl }, nowMs(), protocol));
    return sendReadable(parts, question, other, context, scrub);
  });
}

/** What OpenAI encrypted for another organisation's key it cannot read; without that the request can be answered. */
async function sendReadable(
  parts: SendParts,
  question: RelayQuestion,
  plan: SendPlan,
  context: UpstreamContext,
  scrub: CallScrub,
): Promise<Taken> {
  try {
    return await send(parts, question, plan, context, scrub);
  } catch (thrown) {
    if (plan.spoken !== 'openai-responses' || !isOfOtherKey(thrown)) throw thrown;
    return send(parts, question, { ...plan, bytes: withoutEncrypted(plan.bytes) }, context, scrub);
  }
}

/** Within a call only failures with a code are understood. */
function planAgain(plan: () => SendPlan): SendPlan {
  try {
    return plan();
  } catch (thrown) {
    if (!(thrown instanceof TranslationFailure)) throw thrown;
    throw new AppFailure('invalid_payload', thrown.message, { cause: thrown });
  }
}

async function send(
  { http, leaving }: Pick<SendParts, 'http' | 'leaving'>,
  question: RelayQuestion,
  { spoken, translation, dropped, bytes }: SendPlan,
  context: UpstreamContext,
  scrub: CallScrub,
): Promise<Taken> {
  const { target } = context;
  const headers = { ...(translation === null ? question.headers : translation.headers) };
  authorize(headers, spoken, target.secret, question.headers);
  headers['content-type'] = 'application/json';
  const answer = await http.open(
    {
      method: 'POST',
      url: `${target.baseUrl}${PATH_OF[spoken]}${translation === null ? question.search : ''}`,
      headers,
      bytes,
    },
    { ...callOf(context), unpacks: true, ...(leaving === undefined ? {} : { leaving }) },
  );
  const failures = failureContextOf(context);
  const { status } = answer;
  const back = givenBack(answer.headers);
  const told = scrub.data(dropped.length === 0 ? back : { ...back, ...leftOut(dropped) });
  if (status < 200 || status >= 300) {
    const words = await unpackedWords(answer, context);
    throw readRefusal(answer, words, told, failures, translation, scrub);
  }
  const body = readUnpacked(answer, target.profileName);
  // Who asked for one JSON is given that, or what its upstream calls a stream.
  const isNamed = answer.mediaType === 'text/event-stream';
  const isStream = isNamed || (question.request.stream && (await answer.isEventStream()));
  if (isStream && translation !== null && !question.request.stream) {
    // Nobody asked for it, and the program reads one JSON.
    body.close();
    throw toFailure(mapUnreadable('what_no_answer', failures, status));
  }
  if (isStream) {
    if (translation === null) answer.letRun();
    const estimates = translation !== null && question.client === 'anthropic-messages';
    const headers = {
      ...told,
      ...(isNamed ? {} : { 'content-type': 'text/event-stream' }),
      ...(estimates ? { [ESTIMATE_HEADER]: ESTIMATED_START } : {}),
    };
    return { kind: 'stream', status, headers, body, protocol: spoken, translation, failures, scrub };
  }
  const whole = await readWhole(answer, body, spoken, failures);
  if (translation === null) {
    const clean = scrub.bytes()?.scrub(whole.bytes) ?? whole.bytes;
    return { kind: 'whole', status, headers: told, bytes: clean, events: whole.events };
  }
  const { stream } = question.request;
  const reply = carriedOver(translation, exactly(whole.bytes, whole.json), stream, target.profileName);
  const clean = scrub.bytes()?.scrub(reply) ?? reply;
  const estimates =
    stream && question.client === 'anthropic-messages' && !whole.events.some((event) => hasInput(event));
  // A translated body is ours, whatever the upstream called its own.
  const toldHeaders = {
    ...told,
    'content-type': stream ? 'text/event-stream' : 'application/json',
    ...(estimates ? { [ESTIMATE_HEADER]: ESTIMATED_START } : {}),
  };
  return { kind: 'whole', status, headers: toldHeaders, bytes: clean, events: whole.events };
}

function hasInput(event: UpstreamEvent): boolean {
  return event.type === 'completed' && event.usage?.input_tokens != null;
}

/** @param asStream the program reads a stream, and the upstream gave none. */
function carriedOver(translation: AnswerTranslation, json: unknown, asStream: boolean, upstream: string): Buffer {
  try {
    return asStream ? Buffer.from(translation.replyAsStream(json)) : jsonBytes(translation.reply(json));
  } catch (thrown) {
    if (!(thrown instanceof TranslationFailure)) throw thrown;
    throw new AppFailure(
      'upstream_bad_response',
      `“${upstream}” gave an answer that cannot be passed on: ${thrown.message}`,
      {
        cause: thrown,
      },
    );
  }
}

/** Adds what a protocol wants to see. */
function authorize(
  headers: Record<string, string>,
  spoken: WireProtocol,
  secret: string | null,
  asked: Readonly<Record<string, string>>,
): void {
  if (spoken === 'anthropic-messages') {
    headers['anthropic-version'] = asked['anthropic-version'] ?? ANTHROPIC_VERSION;
    if (secret !== null) headers['x-api-key'] = secret;
  } else Object.assign(headers, bearer(secret));
}

async function readWhole(
  answer: HttpAnswer,
  body: AnswerBytes,
  spoken: WireProtocol,
  failures: FailureContext,
): Promise<{ bytes: Buffer; json: JsonObject; events: UpstreamEvent[] }> {
  const bytes = withoutMark(await readAtMost(body, Number.POSITIVE_INFINITY));
  const text = bytes.toString('utf8');
  const { status } = answer;
  const json = parseJson(text);
  if (json === null && text.trim() === '') throw toFailure(mapUnreadable('what_nothing', failures, status));
  const error = errorOf(json);
  // A success status around an error is an error (BUG-D19).
  if (error !== null) throw toFailure(mapErrorObject(error, failures, 'body'));
  if (isObject(json) && isWholeAnswer(spoken, json)) {
    return { bytes, json, events: wholeAnswerEvents(spoken, json, () => text, failures) };
  }
  const raw = { status, header: (name: string) => answer.header(name), body: text };
  if (!isObject(json) && looksLikeHtml(raw)) throw toFailure(mapWebPage(failures, status));
  if (json === null && answer.endsByClose && BEGINS_AS_JSON.test(text)) throw lostConnection(null, failures.upstream);
  throw toFailure(mapUnreadable('what_no_answer', failures, status));
}

function readRefusal(
  answer: HttpAnswer,
  text: string,
  headers: Record<string, string>,
  failures: FailureContext,
  translation: AnswerTranslation | null,
  scrub: CallScrub,
): AppFailure {
  const { status } = answer;
  const failure = toFailure(mapErrorResponse({ status, header: (name) => answer.header(name), body: text }, failures));
  if (translation !== null || !isObject(parseJson(text))) return failure;
  return new UpstreamRefusal(failure, { status, headers, body: scrub.data(text) });
}

/** OpenAI’s word for thinking that another organisation’s key was given; the request was looked at and not executed. */
function isOfOtherKey(thrown: unknown): boolean {
  if (!(thrown instanceof AppFailure)) return false;
  return thrown.details?.['status'] === 400 && thrown.details['upstreamCode'] === 'invalid_encrypted_content';
}

function noSearch(profile: string): AppFailure {
  return new AppFailure(
    'unsupported_option',
    `“${profile}” has no web search of its own, which is the only tool of this request. Use a profile of Anthropic’s for it, or send a tool that your program runs.`,
    { details: { tool: 'web_search' } },
  );
}
