import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { MEDIA_PREFIX } from '#contract/media-url';
import { isShownInline } from './choose-type.ts';
import { displayName, isStoredName } from './file-name.ts';
import { type OpenedFile, openWithin, type ReadableFolders } from './open-within.ts';
import { parseRange } from './parse-range.ts';
import { SNIFF_BYTES, sniffContent } from './sniff-content.ts';

export interface MediaRequest {
  method: string;
  /** Path and query as they were sent, undecoded: `/media/…`. */
  target: string;
  range: string | null;
  ifNoneMatch: string | null;
}

export interface MediaAnswer {
  status: number;
  headers: Record<string, string>;
  /** Null where there is nothing to send. Whoever takes the answer reads it to its end or destroys it. */
  body: Readable | null;
}

/** What a host serves under `/media/`, whatever brings the request. Never throws for what is asked. */
export type MediaServer = (request: MediaRequest) => Promise<MediaAnswer>;

/** With every answer: the file is data, whatever it holds, and only our own page may embed it. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

type Wanted = { path: string; name: string | null };

/** The file that an address names: one of ours by its name, any other by its path. Null for an address that names none. */
function readMediaTarget(target: string, fileOf: (fileName: string) => string): Wanted | null {
  const [path = '', query] = target.split('#')[0]?.split(/\?(.*)/s) ?? [];
  if (!path.startsWith(MEDIA_PREFIX)) return null;
  const rest = path.slice(MEDIA_PREFIX.length);
  if (rest === 'file') {
    const asked = new URLSearchParams(query ?? '').get('path');
    return asked === null || asked === '' ? null : { path: asked, name: basename(asked) };
  }
  return isStoredName(rest) ? { path: fileOf(rest), name: null } : null;
}

function nothing(status: number, extra: Record<string, string> = {}): MediaAnswer {
  return { status, headers: { ...ALWAYS, ...extra, 'cache-control': 'no-store', 'content-length': '0' }, body: null };
}

/** RFC 6266 with RFC 8187: every name arrives whole where it is understood, and in ASCII elsewhere. */
function disposition(kind: 'inline' | 'attachment', name: string): string {
  const clean = displayName(name);
  const ascii = clean.replace(/[^ -~]|["\\%]/g, '_');
  const encoded = encodeURIComponent(clean).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

async function sniffFile(handle: FileHandle): Promise<string> {
  const head = Buffer.alloc(SNIFF_BYTES);
  const { bytesRead } = await handle.read(head, 0, SNIFF_BYTES, 0);
  return sniffContent(head.subarray(0, bytesRead)).mediaType;
}

/**
 * Builds what serves files to the page: attachments, and what lies in the working folders of conversations. The type is
 * read from the bytes. Pictures, sound and video are shown; everything else is a download that no browser opens in place.
 *
 * @param parts.nameOf the name that a person knows an attachment by; null for one that is not known.
 */
export function createMediaServer(parts: {
  folders: () => ReadableFolders;
  fileOf: (fileName: string) => string;
  nameOf: (fileName: string) => string | null;
}): MediaServer {
  const describe = async (file: OpenedFile & { ok: true }, name: string, request: MediaRequest) => {
    const mediaType = await sniffFile(file.handle);
    const isInline = isShownInline(mediaType);
    const { size, mtimeMs } = file.stats;
    const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    const headers = {
      ...ALWAYS,
      // Text is never drawn in place, so that its charset does not matter and its markup is never read.
      'content-type': isInline || mediaType === 'application/pdf' ? mediaType : 'application/octet-stream',
      'content-disposition': disposition(isInline ? 'inline' : 'attachment', name),
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag,
    };
    return { headers, etag, wanted: parseRange(request.range, size), size };
  };

  const answer = async (file: OpenedFile & { ok: true }, name: string, request: MediaRequest): Promise<MediaAnswer> => {
    const { headers, etag, wanted, size } = await describe(file, name, request);
    const withoutBody = async (given: MediaAnswer): Promise<MediaAnswer> => {
      await file.handle.close();
      return given;
    };
    if (request.ifNoneMatch === etag) return withoutBody({ status: 304, headers, body: null });
    if (wanted.kind === 'unsatisfiable') return withoutBody(nothing(416, { 'content-range': `bytes */${size}` }));
    const first = wanted.kind === 'part' ? wanted.first : 0;
    const last = wanted.kind === 'part' ? wanted.last : size - 1;
    const status = wanted.kind === 'part' ? 206 : 200;
    const all = {
      ...headers,
      'content-length': String(last - first + 1),
      ...(status === 206 ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
    };
    if (request.method === 'HEAD' || size === 0) return withoutBody({ status, headers: all, body: null });
    return { status, headers: all, body: file.handle.createReadStream({ start: first, end: last }) };
  };

  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return nothing(405, { allow: 'GET, HEAD' });
    const wanted = readMediaTarget(request.target, parts.fileOf);
    if (wanted === null) return nothing(404);
    const file = await openWithin(wanted.path, parts.folders());
    // Outside, missing and closed look alike, so that nobody learns from the answer what is there.
    if (!file.ok) return nothing(404);
    try {
      const name = wanted.name ?? parts.nameOf(basename(wanted.path)) ?? basename(wanted.path);
      return await answer(file, name, request);
    } catch (thrown) {
      await file.handle.close();
      throw thrown;
    }
  };
}
