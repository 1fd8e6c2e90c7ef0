import type { ProfileRecord } from '#contract/records';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Gateway } from '../gateway.ts';
import type { HttpClient } from '../http-client.ts';
import { isObject, type JsonObject, listOf, parseJson } from '../json.ts';
import { mapErrorResponse } from '../map-error.ts';
import { callOf, failureContextOf, toFailure } from '../read-answer.ts';
import { readAtMost, readUnpacked, unpackedWords } from './read-unpacked.ts';
import type { ProgramRequest } from './relay-request.ts';
import { asIs } from './relay-request.ts';
import { UpstreamRefusal } from './upstream-refusal.ts';

/** A count that takes longer than a person notices is worth less than an estimate (BUG-D16). */
const DEADLINES = { headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 8000 };
/** Whatever it waits for: a provider that wants a pause, keys that are all in use. */
const PATIENCE_MS = 5000;
const MAX_BYTES = 64 * 1024;
const IMAGE_TOKENS = 1000;
/** What a message costs beside its text. */
const MESSAGE_TOKENS = 4;

export interface CountParts {
  gateway: Pick<Gateway, 'relay'>;
  http: HttpClient;
  clock: Clock;
  /** In a worker: it never holds up the loop. */
  countTexts: (texts: readonly string[], model: string | null, signal: AbortSignal) => Promise<number[]>;
}

export interface TokenCount {
  inputTokens: number;
  /** False where the provider counted. */
  isEstimate: boolean;
}

/**
 * How many tokens a messages request has: as its provider counts them where it can be asked, else an estimate that says so.
 *
 * @throws `UpstreamRefusal` where the provider refuses the request as wrong; the signal's reason.
 */
export async function countRequestTokens(
  parts: CountParts,
  question: {
    id: string;
    request: ProgramRequest;
    profile: Pick<ProfileRecord, 'name' | 'kind'>;
    model: string | null;
    headers: Readonly<Record<string, string>>;
    search: string;
  },
  signal: AbortSignal,
): Promise<TokenCount> {
  const { profile, model, request } = question;
  if (profile.kind === 'anthropic' && model !== null) {
    const limit = new AbortController();
    const tooLate = () => limit.abort(new AppFailure('timeout', `“${profile.name}” did not count in time.`));
    const cancel = parts.clock.after(PATIENCE_MS, tooLate);
    try {
      const within = AbortSignal.any([signal, limit.signal]);
      return { inputTokens: await askProvider(parts, { ...question, model }, within), isEstimate: false };
    } catch (thrown) {
      signal.throwIfAborted();
      // What the provider calls wrong is wrong for the message itself, too; anything else only keeps it from counting.
      if (
        !(thrown instanceof AppFailure) ||
        (thrown instanceof UpstreamRefusal && thrown.isOfRequest && !isMissing(thrown))
      )
        throw thrown;
    } finally {
      cancel();
    }
  }
  return { inputTokens: await estimate(parts, request.body, model, signal), isEstimate: true };
}

async function askProvider(
  { gateway, http }: CountParts,
  question: {
    id: string;
    request: ProgramRequest;
    profile: { name: string };
    model: string;
    headers: Readonly<Record<string, string>>;
    search: string;
  },
  signal: AbortSignal,
): Promise<number> {
  const { id, request, profile, model, headers, search } = question;
  const { bytes } = asIs(request, model, false, 'anthropic-messages');
  const { call, over } = await gateway.relay<number>(
    profile.name,
    {
      id,
      model,
      conversation: () => null,
      aside: true,
      begin: async (given, { scrub }) => {
        const context = { ...given, deadlines: DEADLINES };
        const { baseUrl, secret } = context.target;
        const answer = await http.open(
          {
            method: 'POST',
            url: `${baseUrl}/v1/messages/count_tokens${search}`,
            headers: {
              ...headers,
              'anthropic-version': headers['anthropic-version'] ?? '2023-06-01',
              ...(secret === null ? {} : { 'x-api-key': secret }),
              'content-type': 'application/json',
            },
            bytes,
          },
          { ...callOf(context, MAX_BYTES), unpacks: true },
        );
        const { status } = answer;
        if (status < 200 || status >= 300) {
          const body = await unpackedWords(answer, context);
          const told = { status, header: (name: string) => answer.header(name), body };
          const failure = toFailure(mapErrorResponse(told, failureContextOf(context)));
          if (!isObject(parseJson(body))) throw failure;
          const raw = { status, headers: { 'content-type': 'application/json' }, body: scrub.data(body) };
          throw new UpstreamRefusal(failure, raw);
        }
        const body = await readAtMost(readUnpacked(answer, profile.name), MAX_BYTES);
        const json = parseJson(body.toString('utf8'));
        const count = isObject(json) ? json['input_tokens'] : null;
        if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
          throw new AppFailure('upstream_bad_response', `“${profile.name}” counted nothing.`);
        return count;
      },
    },
    signal,
  );
  try {
    const { value, lease } = await call.next();
    lease?.release();
    return value;
  } finally {
    over();
  }
}

function isMissing(refusal: UpstreamRefusal): boolean {
  return refusal.raw.status === 404 || refusal.raw.status === 405;
}

async function estimate(
  { countTexts }: CountParts,
  body: JsonObject,
  model: string | null,
  signal: AbortSignal,
): Promise<number> {
  const found = { texts: [] as string[], images: 0 };
  for (const field of ['system', 'tools', 'messages']) collect(body[field], '', found);
  const counts = await countTexts(found.texts, model, signal);
  const words = counts.reduce((sum, count) => sum + count, 0);
  const whole = words + found.images * IMAGE_TOKENS + listOf(body['messages']).length * MESSAGE_TOKENS;
  // Saturates, and never wraps into a negative.
  return Math.min(Math.max(whole, 0), 2 ** 31 - 1);
}

function collect(value: unknown, key: string, found: { texts: string[]; images: number }): void {
  if (typeof value === 'string') {
    if (key === 'data' && value.length > 256) found.images++;
    else if (key !== 'type' && key !== 'media_type' && key !== 'signature') found.texts.push(value);
  } else if (Array.isArray(value)) {
    for (const each of value) collect(each, key, found);
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) if (name !== 'cache_control') collect(each, name, found);
  }
}
