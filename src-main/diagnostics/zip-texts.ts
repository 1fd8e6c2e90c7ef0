import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** Packs texts into one zip. Small ones: everything is held in memory. */
export async function zipTexts(files: readonly { name: string; text: string }[], atMs: number): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, text } of files)
    zip.addBuffer(Buffer.from(text, 'utf8'), name, { mtime: new Date(atMs), mode: 0o100600 });
  zip.end();
  return buffer(zip.outputStream);
}
