/** What the first bytes of a file say it is. `text` and `binary` are what is left when no signature fits. */
export type Sniffed =
  | { kind: 'image' | 'video' | 'audio' | 'document' | 'archive'; mediaType: string }
  | { kind: 'text'; mediaType: 'text/plain' }
  | { kind: 'binary'; mediaType: 'application/octet-stream' };

/** Enough for every signature below and for a fair look at whether it is text. */
export const SNIFF_BYTES = 4096;

const BINARY: Sniffed = { kind: 'binary', mediaType: 'application/octet-stream' };

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

/** Fixed bytes at the very beginning, as their formats define them. */
const SIGNATURES: readonly (readonly [string, Sniffed])[] = [
  ['\x89PNG\r\n\x1a\n', { kind: 'image', mediaType: 'image/png' }],
  ['\xff\xd8\xff', { kind: 'image', mediaType: 'image/jpeg' }],
  ['GIF87a', { kind: 'image', mediaType: 'image/gif' }],
  ['GIF89a', { kind: 'image', mediaType: 'image/gif' }],
  ['%PDF-', { kind: 'document', mediaType: 'application/pdf' }],
  ['PK\x03\x04', { kind: 'archive', mediaType: 'application/zip' }],
  ['PK\x05\x06', { kind: 'archive', mediaType: 'application/zip' }],
  ['\x1f\x8b', { kind: 'archive', mediaType: 'application/gzip' }],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', { kind: 'document', mediaType: 'application/x-ole-storage' }],
  ['ID3', { kind: 'audio', mediaType: 'audio/mpeg' }],
  ['\xff\xfb', { kind: 'audio', mediaType: 'audio/mpeg' }],
  ['\xff\xf3', { kind: 'audio', mediaType: 'audio/mpeg' }],
  ['fLaC', { kind: 'audio', mediaType: 'audio/flac' }],
  ['OggS', { kind: 'audio', mediaType: 'audio/ogg' }],
];

/** The major brand of an ISO base media file (ISO/IEC 14496-12); every other brand counts as an MP4 video. */
function sniffIsoMedia(brand: string): Sniffed {
  if (brand === 'qt  ') return { kind: 'video', mediaType: 'video/quicktime' };
  if (brand.startsWith('M4A') || brand.startsWith('M4B')) return { kind: 'audio', mediaType: 'audio/mp4' };
  if (brand === 'avif' || brand === 'avis') return { kind: 'image', mediaType: 'image/avif' };
  // Browsers other than Safari do not draw HEIC, and no provider reads it: it is a file.
  if (/^(heic|heix|heim|heis|hevc|mif1|msf1)$/.test(brand)) return { kind: 'document', mediaType: 'image/heic' };
  return { kind: 'video', mediaType: 'video/mp4' };
}

function isUtf8(bytes: Uint8Array, isWhole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    // A fatal decoder says "not UTF-8" by throwing; there is nothing else that it throws.
    return false;
  }
}

/** UTF-8 without the control characters that no text holds; tab, line breaks, form feed and escape may stand in text. */
function isText(bytes: Uint8Array, isWhole: boolean): boolean {
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b) return false;
  }
  return isUtf8(bytes, isWhole);
}

/**
 * Says what a file is by its first bytes; never by its name. SVG and HTML are text here: what a browser would run is never
 * an image.
 *
 * @param head the first `SNIFF_BYTES` bytes, fewer where the file is shorter.
 */
export function sniffContent(head: Uint8Array): Sniffed {
  const start = latin(head, 0, 16);
  for (const [signature, sniffed] of SIGNATURES) if (start.startsWith(signature)) return sniffed;
  if (start.startsWith('RIFF')) {
    if (latin(head, 8, 12) === 'WEBP') return { kind: 'image', mediaType: 'image/webp' };
    if (latin(head, 8, 12) === 'WAVE') return { kind: 'audio', mediaType: 'audio/wav' };
  }
  if (latin(head, 4, 8) === 'ftyp') return sniffIsoMedia(latin(head, 8, 12));
  if (start.startsWith('\x1a\x45\xdf\xa3')) {
    const isWebm = latin(head, 0, 64).includes('webm');
    return { kind: 'video', mediaType: isWebm ? 'video/webm' : 'video/x-matroska' };
  }
  if (head.length === 0) return BINARY;
  return isText(head, head.length < SNIFF_BYTES) ? { kind: 'text', mediaType: 'text/plain' } : BINARY;
}
