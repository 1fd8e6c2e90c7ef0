import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { ClientScope } from '#contract/programs';
import type { AppFailure } from '../platform/app-failure.ts';
import { inEnglish, toAppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { loadOnce } from '../platform/load-once.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { findOddShape } from '../platform/odd-shape.ts';
import { cameFromHere, TRACE_HEADER } from '../platform/own-trace.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import { damageFailure } from '../store/damage.ts';
import { type ApiRoute, type Caller, may, type RefusalNote, type UnknownAddress } from './api-route.ts';
import type { AuthThrottle } from './auth-throttle.ts';
import type { ClientKeys } from './client-keys.ts';
import { secretDigest } from './constant-time.ts';
import { errorBody, HttpFailure, statusOf } from './http-failure.ts';
import { matchParts, Operations, takes } from './operations.ts';
import { PresentedDigests } from './presented-digests.ts';
import { readJsonBody } from './read-json-body.ts';
import { otherToken, presentedToken } from './request-guard.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** Above the longest message of the contract in UTF-8 (6 MB). */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Ten thousand messages, and what metadata may be nested. */
const MAX_BODY_DEPTH = 64;
const MAX_BODY_PARTS = 100_000;

export interface ApiDoorParts {
  /** Every operation there is, and who looked for one that is not. Asked for with the first request, and again after it failed. */
  operations: () => Promise<{ routes: readonly ApiRoute[]; unknown: UnknownAddress }>;
  token: string;
  keys: ClientKeys;
  throttle: AuthThrottle;
  metrics: ServerMetrics;
  clock: Clock;
  logger: Logger;
  scrubber: SecretScrubber;
  /** A route met a damaged store. */
  onDamage: () => void;
}

/** What is known of a request when it is over. */
interface Seen {
  route: ApiRoute | null;
  caller: Caller | null;
  /** How the address tells failures; null for the API's own way. */
  failure: ApiRoute['failure'] | null;
  /** What is told of a refusal; null once the operation has the request, which tells by itself. */
  refused: RefusalNote | null;
}

function decodePath(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch (thrown) {
    if (!(thrown instanceof URIError)) throw thrown;
    throw new HttpFailure(400, 'invalid_payload', 'The address holds a “%” that stands for nothing.');
  }
}

/** A name that is given twice is a list. */
function readQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '')) {
    const known = Object.hasOwn(query, name) ? query[name] : undefined;
    query[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  return query;
}

function check(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const option = [...issue.path.map(String), issue.keys[0] ?? ''].join('.');
    throw new HttpFailure(422, 'unsupported_option', `There is no option “${option}” here.`, {
      details: { error: 'unsupported_run_option', option },
    });
  }
  const field = issue?.path.map(String).join('.') ?? '';
  const where = field === '' ? `The ${what} is not valid.` : `The ${what} is not valid: “${field}”.`;
  throw new HttpFailure(422, 'invalid_payload', `${where} ${issue?.message ?? ''}`.trim(), {
    details: field === '' ? {} : { field },
  });
}

function hasBody(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined;
}

/** What cannot be sent by a foreign page without asking first: anything but JSON is refused, whatever it holds. */
function assertJson(request: IncomingMessage): void {
  const given = request.headers['content-type'];
  if (given === undefined && !hasBody(request)) return;
  if ((given ?? '').split(';')[0]?.trim().toLowerCase() === 'application/json') return;
  throw new HttpFailure(
    415,
    'invalid_payload',
    'The request must say “Content-Type: application/json”, and hold JSON.',
  );
}

/** Schemas walk what they are given; what is only there to be expensive does not get to them. */
function assertShape(body: unknown): unknown {
  const odd = findOddShape(body, { depth: MAX_BODY_DEPTH, parts: MAX_BODY_PARTS });
  if (odd === null) return body;
  throw new HttpFailure(422, 'invalid_payload', `The request is not valid. ${inEnglish(odd)} Send less at once.`);
}

/**
 * The way of a program's request: who asks, which operation, what for; then the answer, and one line in the log about it
 * without bodies and secrets. Answers never throw: whatever goes wrong has a status and a sentence.
 */
export class ApiDoor {
  readonly #parts: ApiDoorParts;
  readonly #ownerDigest: Buffer;
  readonly #digests = new PresentedDigests();
  readonly #operations: () => Promise<Operations>;
  /** The same once they are there: no request waits for them again. */
  #known: Operations | null = null;
  readonly #open = new Map<string, Set<ServerResponse>>();

  constructor(parts: ApiDoorParts) {
    this.#parts = parts;
    this.#ownerDigest = secretDigest(parts.token);
    this.#operations = loadOnce(async () => (this.#known = new Operations(await parts.operations())));
    parts.keys.onRevoke((clientId) => {
      for (const response of this.#open.get(clientId) ?? []) response.destroy();
    });
  }

  /** Whether an address is one of ours, whatever the method. @throws whatever kept the operations from being loaded. */
  has(path: string): boolean | Promise<boolean> {
    return this.#known?.has(path) ?? this.#operations().then((operations) => operations.has(path));
  }

  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { clock, metrics, logger } = this.#parts;
    const startedMs = clock.now();
    const method = request.method ?? 'GET';
    const seen: Seen = { route: null, caller: null, failure: null, refused: null };
    response.on('close', () => {
      const operation = seen.route?.operationId ?? 'unknown';
      const ms = clock.now() - startedMs;
      metrics.answered(operation, response.statusCode, ms);
      const caller = seen.caller === null ? null : seen.caller.kind === 'owner' ? 'owner' : seen.caller.name;
      logger.info({ method, operation, status: response.statusCode, ms, caller }, 'request');
      if (seen.caller?.kind === 'client') this.#untrack(seen.caller.id, response);
    });
    try {
      await this.#serve(request, response, path, seen);
    } catch (thrown) {
      this.#fail(request, response, thrown, seen);
    }
  }

  /** Says to who may not even ask, in the words of the address, that this is so. Nothing of the request is looked at. */
  async refuse(request: IncomingMessage, response: ServerResponse, path: string, refusal: AppFailure): Promise<void> {
    const operations = await this.#operations();
    const { unknown } = operations;
    const failure = operations.fitting(path.split('/'))[0]?.route.failure ?? (unknown.has(path) ? unknown.told : null);
    this.#fail(request, response, refusal, { route: null, caller: null, failure, refused: null });
  }

  #fail(request: IncomingMessage, response: ServerResponse, thrown: unknown, seen: Seen): void {
    const { logger, scrubber, onDamage } = this.#parts;
    const damage = damageFailure(thrown);
    if (damage !== null) onDamage();
    const failure = damage ?? toAppFailure(thrown);
    const told = seen.failure?.(damage ?? thrown, request);
    seen.refused?.(seen.caller, thrown);
    const isFault = told === undefined ? failure.code === 'internal' : told.status === 500;
    if (isFault && !response.destroyed) {
      logger.error(describeThrown(thrown), 'a program’s request failed inside Sluice');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // A body that nobody reads any more must not keep its sender from the answer.
    request.resume();
    const body =
      told === undefined
        ? JSON.stringify({ ...errorBody(failure), detail: scrubber.scrub(failure.message) })
        : scrubber.scrub(told.text);
    response.writeHead(told?.status ?? statusOf(failure), {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...told?.headers,
      ...(failure instanceof HttpFailure ? failure.headers : {}),
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, path: string, seen: Seen): Promise<void> {
    const method = request.method ?? 'GET';
    const operations = this.#known ?? (await this.#operations());
    const exact = operations.exact(path, method);
    // Told in the words of the endpoints, whatever is wrong with the address.
    if (exact === undefined && operations.unknown.has(path)) seen.failure = operations.unknown.told;
    const parts = exact === undefined ? decodePath(path) : [];
    const fitting = exact === undefined ? operations.fitting(parts) : [exact];
    const found = exact ?? fitting.find((one) => takes(one.route, method));
    const { unknown } = operations;
    const isUnknown = fitting.length === 0 && unknown.has(path);
    seen.failure = isUnknown ? unknown.told : ((found ?? fitting[0])?.route.failure ?? null);
    seen.refused = found?.route.refused ?? null;
    // Who may not ask is not told what there is to ask.
    if (found?.route.scope !== null)
      seen.caller =
        this.#callerOf(request.socket, presentedToken(request.headers)) ?? (await this.#callerByOther(request));
    if (found === undefined) {
      if (isUnknown) throw unknown.failure(path);
      if (fitting.length === 0) throw new HttpFailure(404, 'unknown_route', 'There is nothing at this address.');
      const allow = fitting.map((one) => one.route.method).join(', ');
      throw new HttpFailure(405, 'unknown_route', `This address takes ${allow}.`, { headers: { allow } });
    }
    const operation = found.route;
    seen.route = operation;
    const caller: Caller = seen.caller ?? { kind: 'client', id: '', name: '', scopes: new Set() };
    if (operation.scope !== null) this.#assertScope(caller, operation.scope);
    if (cameFromHere(request.headers[TRACE_HEADER])) {
      throw new HttpFailure(
        400,
        'invalid_payload',
        'This request comes from this very Sluice: the address of one of its profiles leads back here. Give that profile the address of another server.',
      );
    }
    // From here on: a body may take its time, and nothing of a key that is revoked meanwhile is carried out.
    this.#track(caller, response);
    if (operation.method !== 'GET') assertJson(request);
    const query =
      operation.query === undefined ? undefined : check(operation.query, readQuery(request.url ?? ''), 'query');
    const body =
      operation.body === undefined
        ? undefined
        : check(operation.body, assertShape(await readJsonBody(request, MAX_BODY_BYTES)), 'request');
    if (operation.body === undefined && operation.ownBody !== true) request.resume();
    seen.refused = null;
    const params = exact === undefined ? (matchParts(found.parts, parts) ?? {}) : {};
    const answer = await operation.answer({ params, query, body, caller, request, response });
    if (answer === null || response.destroyed) return;
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      ...(answer.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...answer.headers,
    });
    response.end(text);
  }

  /** What a key holds open is closed when the key is revoked. */
  #track(caller: Caller, response: ServerResponse): void {
    if (caller.kind !== 'client' || caller.id === '' || response.closed) return;
    const open = this.#open.get(caller.id) ?? new Set();
    open.add(response);
    this.#open.set(caller.id, open);
  }

  #untrack(clientId: string, response: ServerResponse): void {
    const open = this.#open.get(clientId);
    open?.delete(response);
    if (open?.size === 0) this.#open.delete(clientId);
  }

  /** Who asks with the second of two keys, the first of which opens nothing. @throws HttpFailure where neither does. */
  async #callerByOther(request: IncomingMessage): Promise<Caller> {
    const { headers, socket } = request;
    const caller = this.#callerOf(socket, otherToken(headers));
    if (caller === null) return this.#turnAway(request);
    // A right key does not make guesses beside it free.
    const slowed = await this.#parts.throttle.failedBeside(socket, presentedToken(headers) ?? '');
    if (slowed === 'refused') throw tooManyWrong();
    return caller;
  }

  /** @returns null where the key opens nothing. */
  #callerOf(connection: object, presented: string | null): Caller | null {
    if (presented === null) return null;
    const digest = this.#digests.of(connection, presented);
    if (timingSafeEqual(digest, this.#ownerDigest)) return { kind: 'owner' };
    const client = this.#parts.keys.identify(digest);
    return client === null ? null : { kind: 'client', ...client };
  }

  /** @throws HttpFailure always, after a while where wrong keys come in numbers. */
  async #turnAway(request: IncomingMessage): Promise<never> {
    const { throttle } = this.#parts;
    const presented = presentedToken(request.headers);
    const slowed = await throttle.failed(request.socket, presented);
    if (slowed === 'refused') throw tooManyWrong();
    throw new HttpFailure(
      401,
      'unauthorized',
      presented === null
        ? 'A key is needed: “Authorization: Bearer …” or “x-api-key: …”. Make one in the settings, under Local API.'
        : 'This key opens nothing here. It may have been revoked; make another one in the settings, under Local API.',
      { headers: { 'www-authenticate': 'Bearer' } },
    );
  }

  #assertScope(caller: Caller, scope: ClientScope): void {
    if (!may(caller, scope)) throw missingScope(scope);
  }
}

function tooManyWrong(): HttpFailure {
  return new HttpFailure(429, 'unauthorized', 'Too many wrong keys at once. Wait, then try with the right one.', {
    headers: { 'retry-after': '8', connection: 'close' },
  });
}

/** @returns the refusal of a key that is good for other things. */
export function missingScope(scope: ClientScope): AppFailure {
  return new HttpFailure(403, 'forbidden_sender', `This key is not good for “${scope}”. Use one that is.`, {
    details: { scope },
  });
}
