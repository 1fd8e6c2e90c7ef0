import type { JsonObject } from '../json.ts';
import { unwrapCustomInput } from './custom-tool.ts';
import type { OpenedPart, ReplyEvent, ReplyPart } from './neutral-reply.ts';
import { hashOf } from './wire-names.ts';

/** What a server hangs on a call and wants back with it, by the id that the client knows. */
export interface CallExtraStore {
  put(callId: string, extra: JsonObject): void;
  take(callId: string): JsonObject | null;
}

/** What the client called its tools, and which of them take any text. */
export interface ClientTools {
  toOwnName(wire: string): string;
  isCustom(name: string): boolean;
  keepExtra(callId: string, extra: JsonObject): void;
  /** Ids of the calls that the conversation holds. */
  made: ReadonlySet<string>;
  /** Something that is different in every request of a conversation, so that ids which we invent are. */
  salt: string;
}

/**
 * The name that the client gave, an id where the upstream gave none or one that is there already, and any text for a tool that
 * takes it. Clients know a call by its id alone: one that comes again is a call that they have made.
 *
 * @param given the ids of this answer's calls; this one is added.
 */
function restoreHead(
  part: Extract<OpenedPart, { type: 'call' }>,
  at: number,
  tools: ClientTools,
  given: Set<string>,
): typeof part {
  const name = tools.toOwnName(part.name);
  const own = part.id === null || tools.made.has(part.id) || given.has(part.id) ? null : part.id;
  const id = own ?? `call_${hashOf(`${tools.salt}:${at}:${name}`)}`;
  given.add(id);
  if (part.extra !== undefined) tools.keepExtra(id, part.extra);
  return {
    type: 'call',
    id,
    name,
    custom: part.custom || tools.isCustom(name),
  };
}

export function restoreParts(parts: ReplyPart[], tools: ClientTools): ReplyPart[] {
  const given = new Set<string>();
  return parts.map((part, at) => {
    if (part.type !== 'call') return part;
    const head = restoreHead(part, at, tools, given);
    const args = head.custom && !part.custom ? unwrapCustomInput(part.arguments) : part.arguments;
    return { ...head, arguments: args };
  });
}

/** The same for a stream. The arguments of a wrapped tool are held until they are whole: half of them is no text. */
export class CallRestorer {
  readonly #tools: ClientTools;
  readonly #wrapped = new Map<number, string>();
  readonly #given = new Set<string>();

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  restore(event: ReplyEvent): readonly ReplyEvent[] {
    switch (event.type) {
      case 'open': {
        if (event.part.type !== 'call') return [event];
        const part = restoreHead(event.part, event.at, this.#tools, this.#given);
        if (part.custom && !event.part.custom) this.#wrapped.set(event.at, '');
        return [{ ...event, part }];
      }
      case 'delta': {
        const held = this.#wrapped.get(event.at);
        if (held === undefined) return [event];
        this.#wrapped.set(event.at, held + event.text);
        return [];
      }
      case 'close': {
        const held = this.#wrapped.get(event.at);
        if (held === undefined) return [event];
        this.#wrapped.delete(event.at);
        const text = unwrapCustomInput(held);
        return text === '' ? [event] : [{ type: 'delta', at: event.at, text }, event];
      }
      default:
        return [event];
    }
  }
}
