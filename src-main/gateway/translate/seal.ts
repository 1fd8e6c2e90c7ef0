/**
 * What a provider gave with its thinking and wants back with it. A client of another protocol carries it as an opaque text
 * in the place where its own protocol has one, and gives it back in the next request.
 */
export type Seal =
  | { by: 'anthropic'; signature: string }
  | { by: 'anthropic-redacted'; data: string }
  /** `cuts` are the lengths of the summary's parts. */
  | { by: 'responses'; id: string; cuts: readonly number[]; encrypted: string }
  /** A chat server has nothing to give; it reads its own thinking under the name that it used. */
  | { by: 'chat'; field: string }
  /** Some do all the same (OpenRouter, and what is behind it): `reasoning_details`, as JSON. */
  | { by: 'chat-details'; details: string }
  /** Thinking that came without anything to give back. Said all the same, so that it is known again where only a provider's own may go. */
  | { by: 'nobody' };

const MARK = 'sluice-1-';
/** A part of it that begins with a character that texts seldom have, which is found much sooner. */
const RARE_PART = '-1-';

/** Whether a text is a seal of ours, or speaks of one: no provider takes such a text. */
export function mentionsSeal(bytes: Buffer): boolean {
  return bytes.includes(RARE_PART) && bytes.includes(MARK);
}

/** A seal as one text without characters that need escaping. */
export function packSeal(seal: Seal): string {
  switch (seal.by) {
    case 'anthropic':
      return `${MARK}a:${seal.signature}`;
    case 'anthropic-redacted':
      return `${MARK}x:${seal.data}`;
    case 'responses':
      return `${MARK}r:${seal.id}:${seal.cuts.join(',')}:${seal.encrypted}`;
    case 'chat':
      return `${MARK}c:${seal.field}`;
    case 'chat-details':
      return `${MARK}d:${Buffer.from(seal.details).toString('base64')}`;
    case 'nobody':
      return `${MARK}n:`;
  }
}

/** The seal that `packSeal` packed; null for every other text, which is then a provider's own. */
export function unpackSeal(text: string): Seal | null {
  if (!text.startsWith(MARK)) return null;
  const kind = text.slice(MARK.length, MARK.length + 2);
  const rest = text.slice(MARK.length + 2);
  switch (kind) {
    case 'a:':
      return { by: 'anthropic', signature: rest };
    case 'x:':
      return { by: 'anthropic-redacted', data: rest };
    case 'c:':
      return { by: 'chat', field: rest };
    case 'd:':
      return { by: 'chat-details', details: Buffer.from(rest, 'base64').toString('utf8') };
    case 'n:':
      return { by: 'nobody' };
    case 'r:': {
      const idEnd = rest.indexOf(':');
      const cutsEnd = rest.indexOf(':', idEnd + 1);
      if (idEnd < 0 || cutsEnd < 0) return null;
      const cuts = rest.slice(idEnd + 1, cutsEnd);
      return {
        by: 'responses',
        id: rest.slice(0, idEnd),
        cuts: cuts === '' ? [] : cuts.split(',').map(Number),
        encrypted: rest.slice(cutsEnd + 1),
      };
    }
    default:
      return null;
  }
}

/** What a client of another protocol is given as a signature. An empty one would be taken for a provider's own elsewhere. */
export function signatureOf(seal: Seal | null): string {
  return seal?.by === 'anthropic' ? seal.signature : packSeal(seal ?? { by: 'nobody' });
}

/** A signature that a client gives back: ours unpacked, any other Anthropic's. */
export function sealOfSignature(signature: string): Seal {
  return unpackSeal(signature) ?? { by: 'anthropic', signature };
}

/** The same of thinking without words. */
export function sealOfData(data: string): Seal {
  return unpackSeal(data) ?? { by: 'anthropic-redacted', data };
}

/** Whether `packSeal` packed this. */
export function isPackedSeal(text: unknown): boolean {
  return typeof text === 'string' && unpackSeal(text) !== null;
}

/** What stands between the pieces of a summary where they are shown as one text. */
export const PIECE_BREAK = '\n\n';

/** A text in the pieces that it was in. Lengths that do not add up give the text as one piece. */
export function cutSummary(text: string, cuts: readonly number[]): string[] {
  const length = cuts.reduce((sum, cut) => sum + cut + PIECE_BREAK.length, -PIECE_BREAK.length);
  if (length !== text.length) return text === '' ? [] : [text];
  let from = 0;
  return cuts.map((cut) => {
    const piece = text.slice(from, from + cut);
    from += cut + PIECE_BREAK.length;
    return piece;
  });
}
