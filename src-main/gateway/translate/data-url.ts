import { refuse } from './translation-failure.ts';

export interface InlineData {
  mediaType: string;
  /** Base64 without line ends. */
  data: string;
}

const HEAD = /^data:([^;,]*)((?:;[^;,]*)*),/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The data of a `data:` address; null for every other address. Throws for one that is broken. */
export function readDataUrl(url: string, path: string): InlineData | null {
  // The head of an address is short; the rest may be 20 MB.
  const head = HEAD.exec(url.slice(0, 256));
  if (head === null) {
    if (/^data:/i.test(url)) throw refuse(path, 'This data address is broken. Send it as data:<type>;base64,<data>.');
    return null;
  }
  if (!/;base64$/i.test(head[2] ?? '')) {
    throw refuse(path, 'Only data in base64 can be carried. Send it as data:<type>;base64,<data>.');
  }
  return { mediaType: (head[1] ?? '').toLowerCase(), data: checkBase64(url.slice(head[0].length), path) };
}

export function toDataUrl({ mediaType, data }: InlineData): string {
  return `data:${mediaType};base64,${data}`;
}

/** Base64 as it came, line ends taken out. Throws for text that is none. */
export function checkBase64(text: unknown, path: string): string {
  const given = typeof text === 'string' ? text : '';
  // Most often it is as it should be; a picture is looked at once.
  const isPlain = BASE64.test(given);
  const data = isPlain ? given : given.replace(/\s+/g, '');
  if ((!isPlain && !BASE64.test(data)) || data.length % 4 === 1) {
    throw refuse(path, 'This is not valid base64. Send the file’s bytes in base64, without a prefix.');
  }
  return data;
}

/** Text out of base64; bytes that are no UTF-8 become the replacement character. */
export function decodeText(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}
