import { createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { partName, randomStem } from '../attachments/file-name.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { PortableConversation } from '../store/portable-rows.ts';
import type { OpenImport } from './read-import.ts';

/** A file of an import that lies beside the attachments under a passing name, all of it on the disk. */
export interface UnpackedFile {
  fileName: string;
  partName: string;
}

const MAX_FILE_BYTES = 50 * 1024 * 1024;

/**
 * Writes the files of a conversation that are not here yet, each under a passing name. Whoever takes them renames them; the
 * next start removes those that nobody took. Files that the import does not have are left out.
 *
 * @throws AppFailure `payload_too_large` for one that no attachment may be as large as.
 */
export async function unpackAttachments(
  source: OpenImport,
  conversation: PortableConversation,
  attachmentsDir: string,
): Promise<UnpackedFile[]> {
  const unpacked: UnpackedFile[] = [];
  const names = new Set<string>();
  try {
    for (const row of conversation.attachments) {
      const fileName = String(row['file_name']);
      // Said twice, it is one file; said a thousand times, it would be a disk full.
      if (names.has(fileName)) continue;
      names.add(fileName);
      const sizeBytes = source.attachmentSize(fileName);
      if (sizeBytes === null || (await exists(join(attachmentsDir, fileName)))) continue;
      if (sizeBytes > MAX_FILE_BYTES) {
        throw failureOf('payload_too_large', { word: 'attachment_too_large', with: { name: String(row['name']) } });
      }
      const bytes = await source.attachment(fileName);
      if (bytes === null) continue;
      await mkdir(attachmentsDir, { recursive: true, mode: 0o700 });
      // Names that differ by their endings only must not meet while they arrive.
      const passing = partName(randomStem());
      const path = join(attachmentsDir, passing);
      unpacked.push({ fileName, partName: passing });
      await pipeline(Readable.from(bytes), createWriteStream(path, { mode: 0o600 }));
      const file = await open(path, 'r+');
      await file.sync();
      await file.close();
    }
    return unpacked;
  } catch (thrown) {
    for (const each of unpacked) await rm(join(attachmentsDir, each.partName), { force: true });
    throw thrown;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw thrown;
  }
}
