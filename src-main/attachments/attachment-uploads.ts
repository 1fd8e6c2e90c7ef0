import type { AttachmentRecord } from '#contract/records';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import { Mailbox } from '../platform/mailbox.ts';
import type { Store } from '../store/store.ts';
import type { AttachmentFolder } from './attachment-folder.ts';
import { chooseType } from './choose-type.ts';
import { displayName, extensionOf, randomStem } from './file-name.ts';
import { type OpenFile, PendingFile } from './pending-file.ts';
import { sniffContent } from './sniff-content.ts';
import { writeFailure } from './storage-failure.ts';

/** More at once would only share one disk; a page sends its files one after the other or in a few lines. */
const MOST_UPLOADS = 64;
/** A page that is still there sends its next piece within milliseconds. */
const IDLE_TIMEOUT_MS = 2 * 60_000;

export interface UploadLimits {
  /** Largest file. */
  maxBytes: number;
  /** Largest piece of an upload by routes. */
  chunkBytes: number;
}

/** What is said of a file before its first byte. */
export interface FileAnnouncement {
  name: string;
  /** Null where it is not known before the end. */
  sizeBytes: number | null;
}

interface Upload {
  stem: string;
  name: string;
  extension: string;
  announcedBytes: number | null;
  file: PendingFile;
  mailbox: Mailbox;
  cancelExpiry: () => void;
  hasEnded: boolean;
}

export interface UploadParts {
  store: Store;
  folder: AttachmentFolder;
  limits: UploadLimits;
  clock: Clock;
  logger: Logger;
  newId: () => string;
  /** For tests: a disk that misbehaves. */
  openFile?: OpenFile;
}

/**
 * Takes files in: by pieces over the routes, or as one stream. Each goes straight to the disk, under a random name, and
 * becomes an attachment only when it is complete. Uploads are independent of each other; one that fails in any way leaves
 * nothing behind.
 */
export class AttachmentUploads {
  readonly #parts: UploadParts;
  readonly #uploads = new Map<string, Upload>();
  /** Places that are taken, those of uploads that are just beginning included. */
  #taken = 0;
  #isClosed = false;

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** @throws AppFailure `invalid_payload`, `payload_too_large`, `queue_full`, `storage_*`. */
  async begin(announced: { name: string; sizeBytes: number }): Promise<{ uploadId: string; chunkBytes: number }> {
    const upload = await this.#open(announced);
    this.#uploads.set(upload.stem, upload);
    this.#expireLater(upload);
    return { uploadId: upload.stem, chunkBytes: this.#parts.limits.chunkBytes };
  }

  /**
   * Adds the next piece. A piece that does not begin where the last one ended is refused and changes nothing; the failure's
   * `details.receivedBytes` says where to go on.
   *
   * @throws AppFailure `not_found`, `conflict`, `invalid_payload`, `payload_too_large`, `storage_*`. After the last three
   *   but an empty or unreadable piece the upload is gone.
   */
  append(uploadId: string, offsetBytes: number, bytes: Uint8Array): Promise<{ receivedBytes: number }> {
    return this.#within(uploadId, async (upload) => {
      const { sizeBytes } = upload.file;
      const details = { receivedBytes: sizeBytes };
      if (offsetBytes !== sizeBytes) {
        const word = offsetBytes < sizeBytes ? 'piece_came_already' : 'piece_came_early';
        throw failureOf('conflict', { word, with: { name: upload.name, received: sizeBytes } }, { details });
      }
      if (bytes.length === 0) throw failureOf('invalid_payload', { word: 'piece_empty' }, { details });
      if (bytes.length > this.#parts.limits.chunkBytes) {
        throw failureOf(
          'payload_too_large',
          { word: 'piece_too_large', with: { most: this.#parts.limits.chunkBytes } },
          { details },
        );
      }
      await this.#write(upload, bytes);
      return { receivedBytes: upload.file.sizeBytes };
    });
  }

  /**
   * Ends an upload whose announced bytes have all come and answers with the attachment.
   *
   * @throws AppFailure `not_found`; `conflict` while bytes are missing, which changes nothing; `storage_*`.
   */
  finish(uploadId: string): Promise<AttachmentRecord> {
    return this.#within(uploadId, async (upload) => {
      const { announcedBytes, file, name } = upload;
      if (announcedBytes !== null && file.sizeBytes !== announcedBytes) {
        throw failureOf(
          'conflict',
          { word: 'upload_incomplete', with: { name, received: file.sizeBytes, announced: announcedBytes } },
          { details: { receivedBytes: file.sizeBytes } },
        );
      }
      return this.#keep(upload);
    });
  }

  /** Forgets an upload and what came of it. False when there is none, for instance because it was finished. */
  async cancel(uploadId: string): Promise<boolean> {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) return false;
    return upload.mailbox.post(async () => {
      if (upload.hasEnded) return false;
      await this.#drop(upload);
      return true;
    });
  }

  /**
   * Takes a whole file from a stream, piece by piece as it comes.
   *
   * @throws AppFailure as `begin` and `append`; `aborted` when the stream ends early.
   */
  async receive(announced: FileAnnouncement, pieces: AsyncIterable<Uint8Array>): Promise<AttachmentRecord> {
    const upload = await this.#open(announced);
    try {
      for await (const bytes of pieces) await this.#write(upload, bytes);
    } catch (thrown) {
      await this.#drop(upload);
      if (thrown instanceof AppFailure) throw thrown;
      throw failureOf(
        'aborted',
        { word: 'upload_cut', with: { name: upload.name } },
        {
          cause: thrown,
        },
      );
    }
    const { file, announcedBytes, name } = upload;
    if (file.sizeBytes === 0) {
      await this.#drop(upload);
      throw emptyFile(name);
    }
    if (announcedBytes !== null && file.sizeBytes !== announcedBytes) {
      await this.#drop(upload);
      throw failureOf('aborted', { word: 'upload_cut', with: { name } });
    }
    return this.#keep(upload);
  }

  /** Forgets every upload that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#uploads.keys()].map((uploadId) => this.cancel(uploadId)));
  }

  async #open({ name: given, sizeBytes }: FileAnnouncement): Promise<Upload> {
    const { limits, folder, openFile } = this.#parts;
    const name = displayName(given);
    if (this.#isClosed) throw failureOf('shutting_down', { word: 'closing' });
    if (sizeBytes === 0) throw emptyFile(name);
    if (sizeBytes !== null && sizeBytes > limits.maxBytes) throw tooLarge(name, limits.maxBytes);
    if (this.#taken >= MOST_UPLOADS) {
      throw failureOf(
        'queue_full',
        { word: 'uploads_many', with: { most: MOST_UPLOADS } },
        {
          retry: { kind: 'after', waitMs: 1000 },
        },
      );
    }
    this.#taken++;
    try {
      const stem = randomStem();
      folder.ensure();
      const file = await PendingFile.create(folder.path, stem, openFile);
      return {
        stem,
        name,
        extension: extensionOf(given),
        announcedBytes: sizeBytes,
        file,
        mailbox: new Mailbox(),
        cancelExpiry: () => undefined,
        hasEnded: false,
      };
    } catch (thrown) {
      this.#taken--;
      throw writeFailure(thrown);
    }
  }

  /** Writes bytes behind those that are there. What goes wrong ends the upload. */
  async #write(upload: Upload, bytes: Uint8Array): Promise<void> {
    const { maxBytes } = this.#parts.limits;
    const most = Math.min(maxBytes, upload.announcedBytes ?? maxBytes);
    try {
      if (upload.file.sizeBytes + bytes.length > most) {
        if (most === maxBytes) throw tooLarge(upload.name, maxBytes);
        throw failureOf('invalid_payload', { word: 'upload_grew', with: { name: upload.name } });
      }
      await upload.file.append(bytes);
    } catch (thrown) {
      await this.#drop(upload);
      throw writeFailure(thrown);
    }
  }

  /**
   * Makes a complete file an attachment. Its row comes before its name: a process that ends between the two leaves a row
   * without a file, which is swept like any unused one, and never a file that nobody knows.
   */
  async #keep(upload: Upload): Promise<AttachmentRecord> {
    const { store, folder, clock, newId } = this.#parts;
    const { extension, mediaType, isImage } = chooseType(upload.extension, sniffContent(upload.file.head));
    const fileName = `${upload.stem}.${extension}`;
    const { name, file } = upload;
    const row = {
      id: newId(),
      file_name: fileName,
      name,
      media_type: mediaType,
      size_bytes: file.sizeBytes,
      created_at_ms: clock.now(),
    };
    let isStored = false;
    try {
      await file.complete();
      await store.committer.commit(() => store.attachments.insert(row));
      isStored = true;
      await file.keepAs(fileName);
    } catch (thrown) {
      if (isStored) await this.#forgetRow(row.id);
      await this.#drop(upload);
      throw writeFailure(thrown);
    }
    this.#release(upload);
    return { id: row.id, name, path: folder.fileOf(fileName), mediaType, sizeBytes: row.size_bytes, isImage };
  }

  async #forgetRow(id: string): Promise<void> {
    const { store, logger } = this.#parts;
    try {
      await store.committer.commit(() => store.attachments.remove(id));
    } catch (thrown) {
      // Nobody knows the row's file; as an unused one it is swept after a day.
      logger.warn(describeThrown(thrown), 'the row of a file that was not kept stays for the sweep');
    }
  }

  /** Runs a command on an upload after those that came before it. */
  #within<T>(uploadId: string, command: (upload: Upload) => Promise<T>): Promise<T> {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) return Promise.reject(unknownUpload());
    return upload.mailbox.post(async () => {
      // An earlier command may have ended it.
      if (this.#uploads.get(uploadId) !== upload) throw unknownUpload();
      upload.cancelExpiry();
      try {
        return await command(upload);
      } finally {
        if (this.#uploads.get(uploadId) === upload) this.#expireLater(upload);
      }
    });
  }

  #expireLater(upload: Upload): void {
    upload.cancelExpiry();
    upload.cancelExpiry = this.#parts.clock.after(IDLE_TIMEOUT_MS, () => void this.cancel(upload.stem));
  }

  #release(upload: Upload): void {
    upload.cancelExpiry();
    this.#uploads.delete(upload.stem);
    if (upload.hasEnded) return;
    upload.hasEnded = true;
    this.#taken--;
  }

  /** Ends an upload without a trace. Safe to call for one that has ended. */
  async #drop(upload: Upload): Promise<void> {
    if (upload.hasEnded) return;
    this.#release(upload);
    try {
      await upload.file.discard();
    } catch (thrown) {
      this.#parts.logger.warn(describeThrown(thrown), 'a file that was not kept is removed at the next start');
    }
  }
}

function emptyFile(name: string): AppFailure {
  return failureOf('invalid_payload', { word: 'file_empty', with: { name } });
}

function tooLarge(name: string, maxBytes: number): AppFailure {
  const limit = Math.floor(maxBytes / 1024 / 1024);
  return failureOf('payload_too_large', { word: 'file_too_large', with: { name, limit } });
}

function unknownUpload(): AppFailure {
  return failureOf('not_found', { word: 'upload_gone' });
}
