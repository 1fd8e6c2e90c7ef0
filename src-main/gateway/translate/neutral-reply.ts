import type { Usage } from '#contract/events';
import type { JsonObject } from '../json.ts';
import type { Seal } from './seal.ts';
import type { WireError } from './wire-error.ts';

/** Why an answer ended. */
export type Finish =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'context-full'
  | 'tool-calls'
  /** The model declined, in words of its own. */
  | 'refusal'
  /** The provider ended it. */
  | 'content-filter'
  /** A pause that the client is to continue. */
  | 'pause';

export type ReplyPart =
  | { type: 'text'; text: string }
  | { type: 'refusal'; text: string }
  | { type: 'thinking'; text: string; seal: Seal | null }
  | { type: 'call'; id: string | null; name: string; custom: boolean; arguments: string; extra?: JsonObject };

/** A whole answer. */
export interface NeutralReply {
  /** The upstream's id of it; null where it has none. */
  id: string | null;
  model: string | null;
  createdS: number | null;
  parts: ReplyPart[];
  finish: Finish;
  stopSequence: string | null;
  usage: Usage | null;
}

export type OpenedPart =
  | { type: 'text' | 'refusal' | 'thinking' }
  /** `extra` is what a chat server wants back with the call; it comes with its beginning. */
  | { type: 'call'; id: string | null; name: string; custom: boolean; extra?: JsonObject };

/**
 * A streamed answer, step by step. Parts are numbered from 0 in the order in which they open, and every delta and close names
 * its part: parts may overlap, as parallel calls do. Before `finish` every part is closed; after `finish` or `failed` comes nothing.
 */
export type ReplyEvent =
  | { type: 'start'; id: string | null; model: string | null; createdS: number | null; usage: Usage | null }
  | { type: 'open'; at: number; part: OpenedPart }
  | { type: 'delta'; at: number; text: string }
  | { type: 'close'; at: number; seal: Seal | null }
  | { type: 'finish'; finish: Finish; stopSequence: string | null; usage: Usage | null }
  | { type: 'failed'; error: WireError };

/** A whole answer, told as a stream would tell it. */
export function eventsOf({ id, model, createdS, parts, finish, stopSequence, usage }: NeutralReply): ReplyEvent[] {
  const told = parts.flatMap((part, at): ReplyEvent[] => {
    const { opened, text, seal } = openedOf(part);
    return [
      { type: 'open', at, part: opened },
      ...(text === '' ? [] : [{ type: 'delta' as const, at, text }]),
      { type: 'close', at, seal },
    ];
  });
  return [{ type: 'start', id, model, createdS, usage }, ...told, { type: 'finish', finish, stopSequence, usage }];
}

function openedOf(part: ReplyPart): { opened: OpenedPart; text: string; seal: Seal | null } {
  if (part.type !== 'call')
    return { opened: { type: part.type }, text: part.text, seal: part.type === 'thinking' ? part.seal : null };
  const { type, id, name, custom } = part;
  return { opened: { type, id, name, custom }, text: part.arguments, seal: null };
}
