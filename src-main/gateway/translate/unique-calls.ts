import type { NeutralMessage, RequestPart } from './neutral-request.ts';

/**
 * A conversation in which no two calls have one id: some chat servers count anew in every answer (`call_0`), and Anthropic refuses a
 * request that holds such an id twice. The first keeps it; the same conversation always gets the same ids, so that a cached prefix
 * stays one.
 *
 * @param messages with results directly behind their calls.
 * @returns the same messages where every id is there once.
 */
export function withUniqueCalls(messages: NeutralMessage[]): NeutralMessage[] {
  const ids = messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'call' ? [part.id] : [])));
  const taken = new Set(ids);
  if (taken.size === ids.length) return messages;
  const used = new Set<string>();
  /** Of the turn of calls that goes on: what its calls are called, by the id that they came with. */
  let open = new Map<string, string[]>();
  let isCalling = false;
  return messages.map((message) => {
    if (message.role === 'assistant' && !isCalling) open = new Map();
    isCalling = message.role === 'assistant';
    return { ...message, parts: message.parts.map((part) => renamed(part, { taken, used, open })) };
  });
}

interface Known {
  taken: Set<string>;
  used: Set<string>;
  open: Map<string, string[]>;
}

function renamed(part: RequestPart, { taken, used, open }: Known): RequestPart {
  if (part.type === 'result') {
    const names = open.get(part.callId) ?? [];
    const name = names.length > 1 ? names.shift() : names[0];
    return name === undefined ? part : { ...part, callId: name };
  }
  if (part.type !== 'call') return part;
  let id = part.id;
  for (let next = 2; used.has(id) || (id !== part.id && taken.has(id)); next++) id = `${part.id}_${next}`;
  used.add(id);
  open.set(part.id, [...(open.get(part.id) ?? []), id]);
  return { ...part, id };
}
