import type { Sniffed } from './sniff-content.ts';

/** What a file is kept as: the ending of its name on disk, without a dot, and its media type. */
export interface ChosenType {
  extension: string;
  mediaType: string;
  /** It can be shown as a picture, and a model can be shown it. */
  isImage: boolean;
}

/** Endings that a signature allows; the first is given to a file that claims another. */
const BY_SIGNATURE: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'image/heic': ['heic', 'heif'],
  'application/pdf': ['pdf'],
  'application/gzip': ['gz', 'tgz'],
  'audio/mpeg': ['mp3'],
  'audio/flac': ['flac'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/wav': ['wav'],
  'audio/mp4': ['m4a', 'm4b'],
  'video/mp4': ['mp4', 'm4v'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
  'video/x-matroska': ['mkv'],
};

const OFFICE = 'application/vnd.openxmlformats-officedocument';
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument';

/** Formats that are a zip inside. */
const IN_ZIP: Readonly<Record<string, string>> = {
  zip: 'application/zip',
  docx: `${OFFICE}.wordprocessingml.document`,
  xlsx: `${OFFICE}.spreadsheetml.sheet`,
  pptx: `${OFFICE}.presentationml.presentation`,
  odt: `${OPEN_DOCUMENT}.text`,
  ods: `${OPEN_DOCUMENT}.spreadsheet`,
  odp: `${OPEN_DOCUMENT}.presentation`,
  epub: 'application/epub+zip',
};

/** Formats of older office programs, one container for all. */
const IN_OLE: Readonly<Record<string, string>> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  msg: 'application/vnd.ms-outlook',
};

/** Text with a type of its own. SVG is text with angle brackets: nothing here ever shows it as an image. */
const TEXT_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  md: 'text/markdown',
  json: 'application/json',
  xml: 'text/xml',
  svg: 'text/xml',
  html: 'text/html',
  htm: 'text/html',
};

/** Other text whose ending tells a reader or a tool what it is. None of them is started by opening it. */
const PLAIN_TEXT = new Set(
  (
    'txt log rst tex ini cfg conf env toml yaml yml jsonl ndjson geojson sql diff patch srt vtt ics vcf eml ' +
    'ts tsx mts cts jsx mjs cjs css scss less vue svelte astro graphql proto ' +
    'py pyi ipynb rb php java kt kts scala groovy gradle c h cc cpp cxx hpp hh cs fs go rs swift m mm zig ' +
    'lua pl r jl ex exs erl hs ml clj dart nim sh zsh fish dockerfile makefile cmake tf hcl nix lock'
  ).split(' '),
);

/** Data whose content has no signature here; kept under its ending for tools that read it. */
const PLAIN_DATA = new Set(
  'tar bz2 xz 7z zst parquet avro arrow npy npz pkl sqlite db bmp tif tiff ico psd woff2'.split(' '),
);

/** What is drawn in a page and can be shown to a model; AVIF is drawn only. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** What a browser may show or play in its place. Anything else is only ever handed over as a download. */
const SHOWN_INLINE = new Set([
  ...IMAGES,
  'image/avif',
  'audio/mpeg',
  'audio/flac',
  'audio/ogg',
  'audio/wav',
  'audio/mp4',
  'video/mp4',
  'video/quicktime',
  'video/webm',
]);

/** True for an image type that providers of vision models read. */
export function isModelImage(mediaType: string): boolean {
  return IMAGES.has(mediaType);
}

export function isShownInline(mediaType: string): boolean {
  return SHOWN_INLINE.has(mediaType);
}

/**
 * What a file is kept as. The bytes decide; the ending that the name claims only tells relatives apart, and one that does
 * not fit the bytes or is not on a list is replaced.
 */
export function chooseType(claimedExtension: string, sniffed: Sniffed): ChosenType {
  const file = (extension: string, mediaType: string): ChosenType => ({ extension, mediaType, isImage: false });
  switch (sniffed.kind) {
    case 'text': {
      const own = Object.hasOwn(TEXT_TYPES, claimedExtension) ? TEXT_TYPES[claimedExtension] : undefined;
      if (own !== undefined) return file(claimedExtension, own);
      return file(PLAIN_TEXT.has(claimedExtension) ? claimedExtension : 'txt', 'text/plain');
    }
    case 'binary':
      return file(PLAIN_DATA.has(claimedExtension) ? claimedExtension : 'bin', 'application/octet-stream');
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'archive': {
      if (sniffed.mediaType === 'application/zip')
        return fromContainer(IN_ZIP, claimedExtension, 'zip', sniffed.mediaType);
      if (sniffed.mediaType === 'application/x-ole-storage')
        return fromContainer(IN_OLE, claimedExtension, 'bin', sniffed.mediaType);
      const extensions = BY_SIGNATURE[sniffed.mediaType] ?? [];
      const extension = extensions.includes(claimedExtension) ? claimedExtension : (extensions[0] ?? 'bin');
      return { extension, mediaType: sniffed.mediaType, isImage: isModelImage(sniffed.mediaType) };
    }
  }
}

function fromContainer(
  known: Readonly<Record<string, string>>,
  claimedExtension: string,
  otherwise: string,
  mediaType: string,
): ChosenType {
  const own = Object.hasOwn(known, claimedExtension) ? known[claimedExtension] : undefined;
  return own === undefined
    ? { extension: otherwise, mediaType, isImage: false }
    : { extension: claimedExtension, mediaType: own, isImage: false };
}
