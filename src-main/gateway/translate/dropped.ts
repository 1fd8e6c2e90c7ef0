import type { WireProtocol } from './wire-protocol.ts';

/** Names of fields that a reader knows. */
export function fields(...names: string[]): ReadonlySet<string> {
  return new Set(names);
}

/** Something of the request that the other protocol cannot carry and that was left out, documented, never in silence. */
export interface Dropped {
  readonly path: string;
  readonly reason: string;
}

/** Somebody may send fields that nobody knows by the thousand; nobody reads of so many. */
const MOST_REASONS = 100;

/** What was left out, one entry a reason: forty messages with the same mark are one piece of news, told with its first place. */
export class DropList {
  readonly #byReason = new Map<string, { path: string; more: number }>();

  add(path: string, reason: string): void {
    const known = this.#byReason.get(reason);
    if (known !== undefined) known.more++;
    else if (this.#byReason.size < MOST_REASONS) this.#byReason.set(reason, { path, more: 0 });
  }

  /**
   * Every field of an object that is set and not among those that are known. Within a part, what is off says the same as nothing; of
   * the request itself it may switch off what is on by default, such as thinking.
   *
   * @param path where the object stands; absent for the request itself.
   */
  unknownFields(object: Record<string, unknown>, known: ReadonlySet<string>, protocol: string, path = ''): void {
    for (const name in object) {
      if (known.has(name) || object[name] == null || (object[name] === false && path !== '')) continue;
      this.add(path === '' ? name : `${path}.${name}`, `Only ${protocol} knows the field ${name}.`);
    }
  }

  list(): Dropped[] {
    return [...this.#byReason].map(([reason, { path, more }]) => ({
      path: more === 0 ? path : `${path} (and ${more} more)`,
      reason,
    }));
  }
}

/** What a writer calls a field, in the words of the client that sent it. */
const CLIENT_NAMES: Readonly<Record<WireProtocol, ReadonlyMap<string, string>>> = {
  'anthropic-messages': new Map([
    ['format', 'output_config.format'],
    ['reasoning_effort', 'thinking'],
    ['stop', 'stop_sequences'],
    ['user', 'metadata.user_id'],
  ]),
  'openai-chat': new Map([
    ['format', 'response_format'],
    ['metadata.user_id', 'user'],
    ['stop_sequences', 'stop'],
    ['thinking', 'reasoning_effort'],
  ]),
  'openai-responses': new Map([
    ['format', 'text.format'],
    ['max_tokens', 'max_output_tokens'],
    ['metadata.user_id', 'user'],
    ['reasoning_effort', 'reasoning.effort'],
    ['thinking', 'reasoning.effort'],
    ['verbosity', 'text.verbosity'],
  ]),
};

/** The same with the names that the client knows: it looks for them in what it sent. */
export function inWordsOf(client: WireProtocol, dropped: readonly Dropped[]): Dropped[] {
  return dropped.map(({ path, reason }) => {
    const [name = ''] = /^[\w.]+/.exec(path) ?? [];
    const known = CLIENT_NAMES[client].get(name);
    return { path: known === undefined ? path : known + path.slice(name.length), reason };
  });
}
