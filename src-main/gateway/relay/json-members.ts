/** A member of a JSON object, as places in its bytes. */
export interface JsonMember {
  key: string;
  /** Of the opening quote of the key. */
  keyStart: number;
  valueStart: number;
  /** Behind the value's last byte. */
  valueEnd: number;
}

export interface JsonObjectBytes {
  /** Of the `{`. */
  open: number;
  /** Of the `}`. */
  close: number;
  /** In their order, doubles included. */
  members: JsonMember[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** A string that is longer is searched for its end natively, which is faster from here on. */
const SHORT_STRING_BYTES = 48;

/**
 * Finds the members of a JSON object in its bytes, so that one of them can be changed and all others stay as they were
 * written: whole numbers beyond 2⁵³, keys that come twice, unknown fields, blanks.
 *
 * @param bytes valid JSON, which `JSON.parse` has said before; anything else gives nonsense, but ends.
 * @param from where the value begins; places are counted from the beginning of `bytes`.
 * @returns null where the value is no object.
 */
export function findMembers(bytes: Buffer, from = 0): JsonObjectBytes | null {
  const open = skipBlanks(bytes, from);
  if (bytes[open] !== OPEN_OBJECT) return null;
  const members: JsonMember[] = [];
  let at = skipBlanks(bytes, open + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_OBJECT) {
    const keyStart = at;
    const keyEnd = skipString(bytes, at);
    at = skipBlanks(bytes, keyEnd);
    if (bytes[at] === COLON) at++;
    const valueStart = skipBlanks(bytes, at);
    const valueEnd = skipValue(bytes, valueStart);
    members.push({ key: readKey(bytes, keyStart, keyEnd), keyStart, valueStart, valueEnd });
    at = skipBlanks(bytes, valueEnd);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
  }
  return { open, close: at, members };
}

/** Places in bytes, the second behind the last one. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Finds the elements of a JSON list in its bytes, as `findMembers` does with an object.
 *
 * @param from where the value begins; places are counted from the beginning of `bytes`.
 * @returns null where the value is no list.
 */
export function findElements(bytes: Buffer, from: number): Span[] | null {
  if (bytes[from] !== OPEN_LIST) return null;
  const elements: Span[] = [];
  let at = skipBlanks(bytes, from + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_LIST) {
    const end = skipValue(bytes, at);
    elements.push({ start: at, end });
    at = skipBlanks(bytes, end);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
  }
  return elements;
}

/** What has to go with some elements of a list, commas included, in order; what stays is as it was written. */
export function spansWithout(elements: readonly Span[], isOut: (at: number) => boolean): Span[] {
  const lastKept = elements.findLastIndex((_element, at) => !isOut(at));
  return elements.flatMap((element, at): Span[] => {
    if (!isOut(at)) return [];
    const next = elements[at + 1];
    if (at < lastKept && next !== undefined) return [{ start: element.start, end: next.start }];
    return [{ start: elements[at - 1]?.end ?? element.start, end: element.end }];
  });
}

/** The bytes without some of them. @param spans in order, not overlapping. */
export function cutSpans(bytes: Buffer, spans: readonly Span[]): Buffer {
  if (spans.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    pieces.push(bytes.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]);
}

/**
 * Sets a member: every one of that name, or one more at the beginning where there is none. All other bytes stay.
 *
 * @param json the new value as JSON text.
 * @returns the same bytes where nothing would change.
 */
export function setMember(bytes: Buffer, object: JsonObjectBytes, key: string, json: string): Buffer {
  const value = Buffer.from(json);
  const known = object.members.filter((member) => member.key === key);
  if (known.length === 0) {
    const rest = object.members.length === 0 ? '' : ',';
    const added = Buffer.from(`${JSON.stringify(key)}:${json}${rest}`);
    return Buffer.concat([bytes.subarray(0, object.open + 1), added, bytes.subarray(object.open + 1)]);
  }
  if (known.every(({ valueStart, valueEnd }) => value.equals(bytes.subarray(valueStart, valueEnd)))) return bytes;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { valueStart, valueEnd } of known) {
    pieces.push(bytes.subarray(from, valueStart), value);
    from = valueEnd;
  }
  pieces.push(bytes.subarray(from));
  return Buffer.concat(pieces);
}

/** The bytes without the members of these names, commas included. All others stay as they were written. */
export function withoutMembers(bytes: Buffer, object: JsonObjectBytes, keys: ReadonlySet<string>): Buffer {
  const { members } = object;
  const spans = members.map(({ keyStart, valueEnd }) => ({ start: keyStart, end: valueEnd }));
  return cutSpans(
    bytes,
    spansWithout(spans, (at) => keys.has(members[at]?.key ?? '')),
  );
}

function readKey(bytes: Buffer, start: number, end: number): string {
  const raw = bytes.toString('utf8', start + 1, end - 1);
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** @param from the opening quote. @returns the place behind the closing one. */
function skipString(bytes: Buffer, from: number): number {
  let at = from + 1;
  const short = Math.min(bytes.length, at + SHORT_STRING_BYTES);
  while (at < short) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const end = bytes.indexOf(QUOTE, at);
    if (end < 0) return bytes.length;
    // An odd number of backslashes before it makes it a part of the string.
    let slashes = 0;
    while (end - 1 - slashes >= at && bytes[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
    at = end + 1;
  }
}

function skipValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return skipString(bytes, from);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) {
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte <= 0x20) break;
    }
    return at;
  }
  let depth = 0;
  for (let at = from; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      continue;
    }
    at++;
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at;
    }
  }
  return bytes.length;
}
