import type { JsonObject } from '../json.ts';
import type { DropList } from './dropped.ts';
import type { NeutralRequest } from './neutral-request.ts';
import type { WireNames } from './wire-names.ts';

/** What a writer of requests needs beside the request. */
export interface WriteContext {
  model: string;
  /** Names of tools, as the upstream takes them. */
  names: WireNames;
  /** Ids of calls, as the upstream takes them. */
  ids: WireNames;
  /** Calls of tools that take any text; their results have a type of their own in the responses protocol. */
  customCalls: ReadonlySet<string>;
  /** What the upstream wants back with a call, by the client's id of it. */
  extraOf: (callId: string) => JsonObject | null;
  dropped: DropList;
}

export interface WrittenRequest {
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

export type RequestWriter = (request: NeutralRequest, context: WriteContext) => WrittenRequest;

/** Fields that have a value: an absent field is not the same as `null` on the wire. */
export function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
