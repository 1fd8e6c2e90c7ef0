import type { Env, Token } from 'markdown-it';

export type References = NonNullable<Env['references']>;

/** A label in brackets: what may be the name of a definition. */
const LABEL = /\[((?:[^[\]\\]|\\.){1,999})\]/gs;

/** What an answer defines by a name (`[name]: address`), and which names were used before anything was known by them. */
export class Definitions {
  readonly #known: References = {};
  readonly #normalize: (label: string) => string;
  #unknown = new Set<string>();
  #isStale = false;

  /** @param normalize the name that a label stands for. */
  constructor(normalize: (label: string) => string) {
    this.#normalize = normalize;
  }

  get known(): References {
    return this.#known;
  }

  /** Whether settled text used a name that was defined after it: to be drawn with it, it has to be read anew. */
  get isStale(): boolean {
    return this.#isStale;
  }

  get hasUnknown(): boolean {
    return this.#unknown.size > 0;
  }

  /** A table for a part that is not settled: what it defines is known there only; it may not be whole. */
  draft(): References {
    return Object.create(this.#known) as References;
  }

  /** Makes what these tokens define known for good; earlier ones of a name stand. */
  keep(tokens: readonly Token[], references: References): void {
    for (const token of tokens) {
      if (token.type !== 'reference_definition') continue;
      const label = String(token.meta?.['label']);
      const found = references[label];
      if (found === undefined || Object.hasOwn(this.#known, label)) continue;
      this.#known[label] = found;
      if (this.#unknown.has(label)) this.#isStale = true;
    }
  }

  /** Text that is settled: what it names and nothing is known by is noted. */
  noteUses(content: string): void {
    if (!content.includes(']')) return;
    for (const [, label = ''] of content.matchAll(LABEL)) {
      const name = this.#normalize(label);
      if (!Object.hasOwn(this.#known, name)) this.#unknown.add(name);
    }
  }

  /** The text is read anew. What is known by its name stays known. */
  restart(): void {
    this.#unknown = new Set();
    this.#isStale = false;
  }
}
