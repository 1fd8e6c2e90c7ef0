import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { assertNever } from '#contract/assert-never';
import { MAX_TEXT_FILE_BYTES } from '#contract/limits';
import type { ContentBlock } from '#contract/message';
import type { ModelPart } from '../gateway/upstream-adapter.ts';
import { isModelImage } from './choose-type.ts';
import { displayName } from './file-name.ts';
import { type OpenedFile, openWithin, type ReadableFolders } from './open-within.ts';
import { sniffContent } from './sniff-content.ts';

/**
 * The strictest provider takes 5 MiB an image and counts them in Base64 ("image exceeds 5 MB maximum: … > 5242880 bytes",
 * Anthropic, 2026), which is four characters for three bytes.
 */
export const MAX_IMAGE_BYTES = ((5 * 1024 * 1024) / 4) * 3;

export interface LoadedParts {
  /** Everything as text, for upstreams that take nothing else. */
  content: string;
  /** Null where `content` says everything. */
  parts: ModelPart[] | null;
  /** Bytes of the files that were taken in. */
  usedBytes: number;
}

export interface LoadPartsOptions {
  /** How many bytes of files may be taken in. */
  budgetBytes: number;
  signal: AbortSignal;
  /** The conversation's working folder, where it has one: its files may be read too. */
  workspace?: string | null;
}

type Attachment = Exclude<ContentBlock, { type: 'text' }>;
/** One block: its line of text, and the picture that it becomes where it is shown. */
type Loaded = { text: string; image: (ModelPart & { type: 'image' }) | null; usedBytes: number };

/** A name or path on one line: a line break in it could speak for somebody else. */
function oneLine(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/gu, ' ');
}

/** The line that stands for a file: a tool finds it by its path, a person knows it by its name. */
function nameLine(block: Attachment, remark = ''): string {
  const kind = block.type === 'image' ? 'Image' : 'File';
  const name = displayName(block.name === '' ? block.path : block.name);
  const known = name === basename(block.path) ? '' : name;
  const note = [known, remark].filter((part) => part !== '').join(': ');
  return `[${kind}: ${oneLine(block.path)}]${note === '' ? '' : ` (${note})`}`;
}

/** Why a file could not be opened, for the model. */
function failureLine(block: Attachment, reason: (OpenedFile & { ok: false })['reason']): string {
  const kind = block.type === 'image' ? 'Image' : 'File';
  const name = displayName(block.name === '' ? block.path : block.name);
  switch (reason) {
    case 'outside':
      return nameLine(block, 'not read, as it lies outside of the attachments and the working folder');
    case 'missing':
    case 'unreadable':
      return `[${kind}: ${name}, not readable any more]`;
    case 'not-a-file':
      return `[${kind}: ${name}, not a file]`;
    default:
      return assertNever(reason);
  }
}

/** Reads a whole file of at most `maxBytes`. Null when it has grown beyond them since it was looked at. */
async function readAll(handle: FileHandle, maxBytes: number, signal: AbortSignal): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(maxBytes + 1);
  let size = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, size);
    if (bytesRead === 0) return buffer.subarray(0, size);
    size += bytesRead;
    if (size > maxBytes) return null;
  }
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // A fatal decoder says "not UTF-8" by throwing; there is nothing else that it throws.
    return null;
  }
}

/** Text in a fence that nothing in it can close. */
function fenced(text: string, extension: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${/^[a-z0-9]{1,12}$/.test(extension) ? extension : ''}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

async function loadImage(
  block: Attachment,
  file: OpenedFile & { ok: true },
  options: LoadPartsOptions,
): Promise<Loaded> {
  const asLine = (remark: string): Loaded => ({ text: nameLine(block, remark), image: null, usedBytes: 0 });
  if (file.stats.size > MAX_IMAGE_BYTES) return asLine('not shown, as it is larger than 3.75 MB');
  if (file.stats.size > options.budgetBytes) return asLine('not shown, as one request holds 20 MB of files');
  const bytes = await readAll(file.handle, file.stats.size, options.signal);
  if (bytes === null) return asLine('not shown, as it is being written to');
  const { mediaType } = sniffContent(bytes.subarray(0, 64));
  if (!isModelImage(mediaType)) return asLine('not shown, as it is not a PNG, JPEG, GIF or WebP picture');
  const { name, path } = block;
  return {
    text: nameLine(block),
    image: { type: 'image', name, path, mediaType, dataBase64: bytes.toString('base64') },
    usedBytes: bytes.length,
  };
}

async function loadFile(
  block: Attachment,
  file: OpenedFile & { ok: true },
  options: LoadPartsOptions,
): Promise<Loaded> {
  const asLine: Loaded = { text: nameLine(block), image: null, usedBytes: 0 };
  const most = Math.min(MAX_TEXT_FILE_BYTES, options.budgetBytes);
  if (file.stats.size > most) return asLine;
  const bytes = await readAll(file.handle, file.stats.size, options.signal);
  if (bytes === null || bytes.length === 0 || sniffContent(bytes).kind !== 'text') return asLine;
  const text = decodeUtf8(bytes);
  if (text === null) return asLine;
  const extension = /\.([a-z0-9]+)$/i.exec(block.name)?.[1]?.toLowerCase() ?? '';
  return { text: `${nameLine(block)}\n${fenced(text, extension)}`, image: null, usedBytes: bytes.length };
}

async function loadAttachment(block: Attachment, folders: ReadableFolders, options: LoadPartsOptions): Promise<Loaded> {
  const file = await openWithin(block.path, folders);
  if (!file.ok) return { text: failureLine(block, file.reason), image: null, usedBytes: 0 };
  try {
    return block.type === 'image' ? await loadImage(block, file, options) : await loadFile(block, file, options);
  } catch (thrown) {
    options.signal.throwIfAborted();
    // The medium failed in mid-read: for the model it is a file that cannot be read.
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    return { text: failureLine(block, 'unreadable'), image: null, usedBytes: 0 };
  } finally {
    await file.handle.close();
  }
}

/**
 * Makes the function that reads a message's attachments for a model, in their order. Pictures become parts, small text
 * files are written out, anything else is named by a line; so is what is missing, too large, of another type or outside of
 * the folders that may be read, with the reason. It never rejects for a file's sake, only with the signal's reason.
 */
export function createLoadParts(
  folders: (workspace: string | null) => ReadableFolders,
): (blocks: readonly ContentBlock[], options: LoadPartsOptions) => Promise<LoadedParts> {
  return async (blocks, options) => {
    const readable = folders(options.workspace ?? null);
    const texts: string[] = [];
    const parts: ModelPart[] = [];
    let usedBytes = 0;
    const addText = (text: string) => {
      const last = parts.at(-1);
      if (last?.type === 'text') parts[parts.length - 1] = { type: 'text', text: `${last.text}\n${text}` };
      else parts.push({ type: 'text', text });
    };
    for (const block of blocks) {
      options.signal.throwIfAborted();
      if (block.type === 'text') {
        texts.push(block.text);
        addText(block.text);
        continue;
      }
      const budgetBytes = Math.max(0, options.budgetBytes - usedBytes);
      const loaded = await loadAttachment(block, readable, { ...options, budgetBytes });
      usedBytes += loaded.usedBytes;
      texts.push(loaded.text);
      if (loaded.image === null) addText(loaded.text);
      else parts.push(loaded.image);
    }
    return { content: texts.join('\n'), parts: parts.some((part) => part.type === 'image') ? parts : null, usedBytes };
  };
}
