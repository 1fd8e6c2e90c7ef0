import { open, readFile, stat } from 'node:fs/promises';
import type { ImportSource } from '#contract/data';
import type { FailureFact } from '#contract/failure-saying';
import { AppFailure, factOf, failureOf } from '../platform/app-failure.ts';
import type { Json, PortableConversation } from '../store/portable-rows.ts';
import { isChatbox, readChatbox } from './formats/chatbox.ts';
import { isChatGpt, readChatGpt } from './formats/chatgpt.ts';
import { isCherry, readCherry } from './formats/cherry.ts';
import { type ForeignItem, fieldsOf, toPortable } from './formats/foreign.ts';
import { isLibreChat, readLibreChat } from './formats/librechat.ts';
import { type CheckedZip, openZip, ZIP_LIMITS } from './open-zip.ts';
import { parseJson } from './parse-json.ts';
import { CONVERSATION_FORMAT, EXPORT_FORMAT, FORMAT_VERSION } from './portable-format.ts';
import { readPortable } from './portable-schema.ts';

/** One thing that a file offers. */
export type ImportItem =
  | { title: string; conversation: PortableConversation }
  | { title: string; conversation: null; reason: FailureFact };

/** A file that was looked at, and what it offers, one after the other. The caller closes it. */
export interface OpenImport {
  source: ImportSource;
  count: number;
  items(): AsyncIterable<ImportItem>;
  /** The bytes of an attachment of a conversation; null where the file does not have them. */
  attachment(fileName: string): Promise<AsyncIterable<Uint8Array> | null>;
  attachmentSize(fileName: string): number | null;
  close(): void;
}

const FOREIGN: readonly [ImportSource, (value: unknown) => boolean, (value: unknown) => ForeignItem[]][] = [
  ['cherry', isCherry, readCherry],
  ['chatgpt', isChatGpt, readChatGpt],
  ['librechat', isLibreChat, readLibreChat],
  ['chatbox', isChatbox, readChatbox],
];

function unknownFile(): AppFailure {
  return failureOf('invalid_payload', { word: 'import_unknown' });
}

function ofItems(source: ImportSource, items: ImportItem[]): OpenImport {
  return {
    source,
    count: items.length,
    async *items() {
      yield* items;
    },
    attachment: () => Promise.resolve(null),
    attachmentSize: () => null,
    close: () => undefined,
  };
}

/** What JSON of a file, or of a zip's files, is. Null where nobody knows it. */
function fromValue(value: unknown): OpenImport | null {
  if (fieldsOf(value)['format'] === CONVERSATION_FORMAT) return ofItems('sluice', [toSluiceItem(value as Json)]);
  for (const [source, isIt, read] of FOREIGN) {
    if (!isIt(value)) continue;
    const items = read(value).map(
      (item): ImportItem =>
        item.conversation === null ? item : { title: item.title, conversation: toPortable(source, item.conversation) },
    );
    return ofItems(source, items);
  }
  return null;
}

function toSluiceItem(value: Json): ImportItem {
  const title = fieldsOf(fieldsOf(value)['session'])['title'];
  const shown = typeof title === 'string' ? title : '';
  const read = readPortable(value);
  return read.ok
    ? { title: shown, conversation: read.conversation }
    : { title: shown, conversation: null, reason: read.reason };
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.readUInt32LE(0) === 0x0403_4b50;
  } finally {
    await file.close();
  }
}

async function openSluiceZip(zip: CheckedZip): Promise<OpenImport> {
  const manifest = fieldsOf(parseJson(await zip.text('manifest.json'), 'manifest.json'));
  if (manifest['format'] !== EXPORT_FORMAT) throw unknownFile();
  if (typeof manifest['version'] === 'number' && manifest['version'] > FORMAT_VERSION) {
    throw failureOf('invalid_payload', {
      word: 'export_newer',
      with: { version: manifest['version'], known: FORMAT_VERSION },
    });
  }
  const names = zip.names.filter((name) => /^conversations\/[^/]+\.json$/.test(name)).sort();
  const nameOf = (fileName: string) => `attachments/${fileName}`;
  return {
    source: 'sluice',
    count: names.length,
    async *items() {
      for (const name of names) {
        // One that is damaged costs itself, not the others.
        try {
          yield toSluiceItem(parseJson(await zip.text(name), name) as Json);
        } catch (thrown) {
          if (!(thrown instanceof AppFailure)) throw thrown;
          yield { title: name, conversation: null, reason: factOf(thrown) };
        }
      }
    },
    attachment: async (fileName) => (zip.names.includes(nameOf(fileName)) ? zip.open(nameOf(fileName)) : null),
    attachmentSize: (fileName) => (zip.names.includes(nameOf(fileName)) ? zip.sizeOf(nameOf(fileName)) : null),
    close: () => zip.close(),
  };
}

async function openForeignZip(zip: CheckedZip): Promise<OpenImport> {
  const cherry = zip.names.find((name) => /(^|\/)data\.json$/.test(name));
  if (cherry === undefined && zip.names.some((name) => /(^|\/)(IndexedDB|Local Storage)\//.test(name))) {
    throw failureOf('invalid_payload', { word: 'cherry_browser_backup' });
  }
  const jsonNames = zip.names.filter(
    (name) => name === cherry || /(^|\/)(conversations(-\d+)?|chatbox-exported-data[^/]*)\.json$/.test(name),
  );
  const candidates = jsonNames.length > 0 ? jsonNames : zip.names.filter((name) => name.endsWith('.json')).slice(0, 50);
  const found: OpenImport[] = [];
  for (const name of candidates) {
    const read = fromValue(parseJson(await zip.text(name), name));
    if (read !== null) found.push(read);
  }
  const [first] = found;
  if (first === undefined) throw unknownFile();
  // Large exports of ChatGPT come in several files.
  const all = found.filter((each) => each.source === first.source);
  return {
    ...first,
    count: all.reduce((sum, each) => sum + each.count, 0),
    async *items() {
      for (const each of all) yield* each.items();
    },
    close: () => zip.close(),
  };
}

/**
 * Opens a file to import from, whatever program wrote it.
 *
 * @throws AppFailure `invalid_payload`, `payload_too_large` with a sentence; nothing was changed anywhere.
 */
export async function openImport(path: string, name: string): Promise<OpenImport> {
  if (await isZip(path)) {
    const zip = await openZip(path);
    try {
      return zip.names.includes('manifest.json') ? await openSluiceZip(zip) : await openForeignZip(zip);
    } catch (thrown) {
      zip.close();
      throw thrown;
    }
  }
  if ((await stat(path)).size > ZIP_LIMITS.textBytes) {
    throw failureOf('payload_too_large', { word: 'import_text_too_large', with: { name } });
  }
  const found = fromValue(parseJson(await readFile(path, 'utf8'), name));
  if (found === null) throw unknownFile();
  return found;
}
