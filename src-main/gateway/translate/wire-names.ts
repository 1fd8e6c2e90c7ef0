/** What Anthropic and OpenAI take as the name of a tool (API references, 2026-11): these characters, at most 64. */
const MAX_CHARS = 64;
const HASH_CHARS = 8;

/**
 * Names or ids as an upstream takes them, and the way back. The same name always becomes the same, in every request of a
 * conversation, so that a cached prefix stays one; two never become one.
 */
export class WireNames {
  readonly #maxChars: number;
  readonly #toWire = new Map<string, string>();
  readonly #toOwn = new Map<string, string>();

  constructor(maxChars = MAX_CHARS) {
    this.#maxChars = maxChars;
  }

  /** The name for the upstream. */
  toWire(own: string): string {
    const known = this.#toWire.get(own);
    if (known !== undefined) return known;
    let wire = isFit(own, this.#maxChars) ? own : shortened(own, this.#maxChars, '');
    for (let next = 2; this.#toOwn.has(wire); next++) wire = shortened(own, this.#maxChars, String(next));
    this.#toWire.set(own, wire);
    this.#toOwn.set(wire, own);
    return wire;
  }

  /** The client's name; a name that was never given out is its own. */
  toOwn(wire: string): string {
    return this.#toOwn.get(wire) ?? wire;
  }
}

function isFit(name: string, maxChars: number): boolean {
  return name.length <= maxChars && /^[A-Za-z0-9_-]+$/.test(name);
}

function shortened(name: string, maxChars: number, salt: string): string {
  const head = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, maxChars - HASH_CHARS - 1);
  return `${head}_${hashOf(name + salt)}`;
}

/** FNV-1a over the characters, 32 bits as eight digits: short, stable, and nobody's secret. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(HASH_CHARS, '0');
}
