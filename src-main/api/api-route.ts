import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { ClientScope } from '#contract/programs';

/** Who asks. A program's key is a caller, not a user: there is one user (decision 21). */
export type Caller = { kind: 'owner' } | { kind: 'client'; id: string; name: string; scopes: ReadonlySet<ClientScope> };

/** The owner may do everything, a program what its key is good for. */
export function may(caller: Caller, scope: ClientScope): boolean {
  return caller.kind === 'owner' || caller.scopes.has(scope);
}

/** The program that asks; null for the owner. */
export function clientIdOf(caller: Caller): string | null {
  return caller.kind === 'client' ? caller.id : null;
}

export interface ApiAnswer {
  status: number;
  /** Sent as JSON; absent for an answer without a body. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A failure as a client is told it. `text` is sent as it is. */
export interface FailureAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface ApiCall<Query, Body> {
  params: Record<string, string>;
  query: Query;
  body: Body;
  caller: Caller;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Addresses at which nothing is, but where a program of some kind looks for something. */
export interface UnknownAddress {
  has(path: string): boolean;
  /** What is thrown there, once it is known who asks. */
  failure(path: string): Error;
  told: NonNullable<ApiRoute['failure']>;
}

/** @param caller null where the key opens nothing. */
export type RefusalNote = (caller: Caller | null, thrown: unknown) => void;

/** One operation of the API: everything the server, the description and the tests need to know of it. */
export interface ApiRoute<Query = unknown, Body = unknown> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for a part that varies, as in the published description. */
  path: string;
  /** Its name in the published description; no two are alike (E8-14). */
  operationId: string;
  summary: string;
  /** What a key must be good for; null lets everybody in. */
  scope: ClientScope | null;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** It only says that it is not there, and what is: left out of the description. */
  isAbsent?: boolean;
  /** Whether the answer is an event stream, for the description. */
  isStream?: boolean;
  /** It reads the request's body by itself. */
  ownBody?: boolean;
  /** Failures in the shape that its clients know; absent for the API's own. */
  failure?: (thrown: unknown, request: IncomingMessage) => FailureAnswer;
  /** Hears of a request that was refused at the door, before `answer` had it. */
  refused?: RefusalNote;
  /** @returns null when it answered by itself. */
  answer(call: ApiCall<Query, Body>): Promise<ApiAnswer | null> | ApiAnswer | null;
}

/** Holds the schemas of a route to the types of its answer; the list of routes then forgets them. */
export function route<Query, Body>(definition: ApiRoute<Query, Body>): ApiRoute {
  return definition;
}

/** The answer of most operations. */
export function json(body: unknown, headers?: Record<string, string>): ApiAnswer {
  return { status: 200, body, ...(headers === undefined ? {} : { headers }) };
}
