import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { ExportResult } from '#contract/data';
import { SecretMatcher } from '../platform/secret-matcher.ts';
import type { PortableConversation } from '../store/portable-rows.ts';
import { conversationJson, EXPORT_FORMAT, FORMAT_VERSION } from './portable-format.ts';
import { type ReadableMessage, toMarkdown } from './session-markdown.ts';

/** The same moment for every entry: what was exported twice is the same file twice. */
const MTIME = new Date(Date.UTC(2000, 0, 1));
const ENTRY = { mtime: MTIME, mode: 0o100644, forceDosTimestamp: true };

const README = `This is an export of Sluice.

conversations/  each conversation twice: as JSON, which Sluice imports again, and as Markdown for everybody else
attachments/    the files that belong to them
manifest.json   what this export is

Keys are in none of these files.
`;

function markdownOf(conversation: PortableConversation): string {
  const shown = conversation.messages.filter((message) => message['version_id'] === null);
  const files = conversation.attachments.map(
    ({ name, file_name }) => `- [${String(name).replace(/[[\]]/g, '\\$&')}](../attachments/${String(file_name)})`,
  );
  const text = toMarkdown(String(conversation.session['title']), shown as unknown as ReadableMessage[]);
  return files.length === 0 ? text : `${text}\n## Files\n\n${files.join('\n')}\n`;
}

/** A conversation's name among the files: its place and, where it is harmless, its id. */
function fileStem(index: number, id: string): string {
  return `${String(index + 1).padStart(6, '0')}-${id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}`;
}

/**
 * Writes conversations with their attachments into one zip file, one conversation in memory at a time. Known secrets are
 * taken out of every text by value. The file has its name only when all of it is on the disk.
 *
 * @param read one conversation; null for one that is gone meanwhile.
 * @param secrets values that may not leave.
 */
export async function writeExport(
  path: string,
  options: {
    ids: readonly string[];
    read: (id: string) => PortableConversation | null;
    attachmentsDir: string;
    secrets: readonly string[];
    version: string;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<ExportResult> {
  const { ids, read, attachmentsDir, onProgress } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.part`;
  const matcher = options.secrets.length === 0 ? null : new SecretMatcher(options.secrets);
  const clean = (text: string) => matcher?.scrub(text) ?? text;
  const zip = new ZipFile();
  const attachments = new Set<string>();
  let conversations = 0;
  let missing = 0;
  const lazily = (name: string, text: () => string) =>
    zip.addReadStreamLazy(name, ENTRY, (done) => {
      try {
        done(null, Readable.from([Buffer.from(text(), 'utf8')]));
      } catch (thrown) {
        zip.emit('error', thrown);
      }
    });
  lazily('README.txt', () => README);
  for (const [index, id] of ids.entries()) {
    const stem = `conversations/${fileStem(index, id)}`;
    let conversation: PortableConversation | null = null;
    lazily(`${stem}.json`, () => {
      onProgress?.(index, ids.length);
      conversation = read(id);
      if (conversation === null) return '{}\n';
      conversations++;
      for (const { file_name } of conversation.attachments) attachments.add(String(file_name));
      return clean(conversationJson(conversation));
    });
    lazily(`${stem}.md`, () => {
      const text = conversation === null ? '' : clean(markdownOf(conversation));
      conversation = null;
      if (index === ids.length - 1) finish();
      return text;
    });
  }
  // Which files belong to the conversations is known once all were read.
  const finish = () => {
    for (const fileName of [...attachments].sort()) {
      const file = join(attachmentsDir, fileName);
      if (existsSync(file)) zip.addFile(file, `attachments/${fileName}`, { ...ENTRY, compress: false });
      else missing++;
    }
    lazily(
      'manifest.json',
      () =>
        `${JSON.stringify(
          {
            format: EXPORT_FORMAT,
            version: FORMAT_VERSION,
            written_by: `Sluice ${options.version}`,
            conversations,
            attachments: attachments.size - missing,
          },
          null,
          1,
        )}\n`,
    );
    zip.end();
  };
  if (ids.length === 0) finish();
  try {
    const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
    await Promise.race([pipeline(zip.outputStream as Readable, createWriteStream(partial, { mode: 0o600 })), failed]);
    const file = await open(partial, 'r+');
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
  return {
    fileName: path,
    sizeBytes: (await stat(path)).size,
    conversations,
    attachments: attachments.size - missing,
    missing,
  };
}
