import { sniffContent } from '../../attachments/sniff-content.ts';
import { HttpFailure } from '../http-failure.ts';
import type { InputContent } from './schemas.ts';

/** A part of a message before its file is stored. */
export type InputPart =
  | { type: 'text'; text: string }
  /** `mediaType` is what the sender said; what a file is, is looked for in its bytes. */
  | { type: 'image' | 'file'; name: string; mediaType: string | null; bytes: Buffer };

type Block = Exclude<InputContent, string>[number];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What is given of a file, in whichever of the known ways. */
interface Given {
  /** Base64, or an address. */
  data: string | null;
  url: string | null;
  mediaType: string | null;
  name: string | null;
}

/**
 * The ways in which clients write a file into a message: OpenAI's `image_url` and `file`, Anthropic's `source`, and both of
 * LangChain's content blocks.
 */
function givenBy(block: Block): Given {
  const { metadata } = block;
  const named = isRecord(metadata) ? (textOf(metadata['filename']) ?? textOf(metadata['name'])) : null;
  const name = textOf(block['filename']) ?? named;
  if (block.type === 'image_url') {
    const image = block['image_url'];
    return { data: null, url: textOf(isRecord(image) ? image['url'] : image), mediaType: null, name };
  }
  const source = block['source'];
  if (isRecord(source)) {
    const { data, url, media_type: mediaType } = source;
    return { data: textOf(data), url: textOf(url), mediaType: textOf(mediaType), name };
  }
  const file = block['file'];
  if (isRecord(file)) {
    return { data: null, url: textOf(file['file_data']), mediaType: null, name: textOf(file['filename']) ?? name };
  }
  const mediaType = textOf(block['mime_type']) ?? textOf(block['mimeType']);
  return { data: textOf(block['data']), url: textOf(block['url']), mediaType, name };
}

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function decoded(base64: string): Buffer | null {
  const text = base64.replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
  return BASE64.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64') : null;
}

/**
 * Reads one part of a message. Pure.
 *
 * @param field where it stands, for the sentence of a refusal.
 * @param number the place among the message's files, for one without a name.
 * @throws HttpFailure 422 for what is no known kind, is somewhere else, or is not what it says.
 */
export function readContentBlock(block: Block, field: string, number: number): InputPart {
  const refuse = (reason: string) =>
    new HttpFailure(422, 'invalid_payload', `“${field}” cannot be taken: ${reason}`, { details: { field } });
  if (block.type === 'text') {
    const { text } = block;
    if (typeof text !== 'string') throw refuse('it is text and has none.');
    return { type: 'text', text: text.toWellFormed() };
  }
  const isImage = block.type === 'image' || block.type === 'image_url';
  if (!isImage && block.type !== 'file') {
    throw refuse(
      `there is no content of the type “${block.type.slice(0, 50)}”. There are text, image_url, image and file.`,
    );
  }
  const given = givenBy(block);
  const url = given.url?.trim() ?? null;
  if (url !== null && !url.startsWith('data:')) {
    throw refuse('Sluice fetches nothing from elsewhere. Send the file itself, as a data: URL or as Base64.');
  }
  const match = url === null ? null : DATA_URL.exec(url);
  if (url !== null && match === null) throw refuse('a data: URL holds Base64, as in “data:image/png;base64,…”.');
  const base64 = url === null || match === null ? given.data : url.slice(match[0].length);
  if (base64 === null) throw refuse('it holds no file. Give a data: URL, or “data” as Base64.');
  const bytes = decoded(base64);
  if (bytes === null || bytes.length === 0) throw refuse('what it holds is not Base64.');
  if (isImage && sniffContent(bytes.subarray(0, 4096)).kind !== 'image') {
    throw refuse(
      'it says that it is an image, and its bytes are none that is known. PNG, JPEG, GIF, WebP and AVIF are.',
    );
  }
  const mediaType = match?.[1] ?? given.mediaType;
  const name = given.name ?? `${isImage ? 'image' : 'file'}-${number}${endingOf(mediaType)}`;
  return { type: isImage ? 'image' : 'file', name, mediaType, bytes };
}

const ENDINGS: Readonly<Record<string, string>> = {
  'text/plain': '.txt',
  'text/markdown': '.md',
  'text/csv': '.csv',
  'application/json': '.json',
  'application/pdf': '.pdf',
  'image/jpeg': '.jpg',
  'image/svg+xml': '.svg',
};

function endingOf(mediaType: string | null): string {
  if (mediaType === null) return '';
  return ENDINGS[mediaType] ?? (mediaType.startsWith('image/') ? `.${mediaType.slice('image/'.length)}` : '');
}
