import { z } from 'zod';
import { ATTACHMENT_CHUNK_BYTES } from '../limits.ts';
import { id } from './schema-fields.ts';

/** Files: attachments, backups, exports, imports and what helps to find a fault. */
export const dataSchemas = {
  'attachments.begin': z.strictObject({
    name: z.string().max(4096),
    sizeBytes: z.int().min(0),
    mediaType: z.string().max(256).exactOptional(),
  }),
  'attachments.append': z.strictObject({
    uploadId: id,
    offsetBytes: z.int().min(0),
    /** Base64 of at most `ATTACHMENT_CHUNK_BYTES`. */
    data: z.string().max(Math.ceil(ATTACHMENT_CHUNK_BYTES / 3) * 4 + 4),
  }),
  'attachments.finish': z.strictObject({ uploadId: id }),
  'attachments.cancel': z.strictObject({ uploadId: id }),
  /** How the store stands; answered also when it could not be opened. */
  'data.store': z.strictObject({}),
  'data.backups': z.strictObject({}),
  /** `upgrade`: the one that is made before another version takes over. */
  'data.backUp': z.strictObject({ reason: z.enum(['asked', 'upgrade']).default('asked') }),
  'data.deleteBackup': z.strictObject({ file: z.string().max(200) }),
  /** Puts a backup in the place of the conversations. Sluice opens anew; `data.store` tells when. */
  'data.restore': z.strictObject({ file: z.string().max(200) }),
  /** Of conversations that could not be opened: tries again. */
  'data.reopen': z.strictObject({}),
  /** Of conversations that could not be opened: keeps their file under another name and begins a new one. */
  'data.startEmpty': z.strictObject({}),
  'data.showFolder': z.strictObject({}),
  /** Writes conversations with their files into a zip; all of them where none is named. `data.progress` tells the rest. */
  'data.export': z.strictObject({ sessionIds: z.array(id).min(1).max(10_000).exactOptional() }),
  /** A piece of a finished export as Base64; empty at its end. */
  'data.exportRead': z.strictObject({ jobId: id, offsetBytes: z.int().min(0) }),
  'data.importBegin': z.strictObject({ name: z.string().max(4096), sizeBytes: z.int().min(1) }),
  'data.importAppend': z.strictObject({
    importId: id,
    offsetBytes: z.int().min(0),
    data: z.string().max(Math.ceil(ATTACHMENT_CHUNK_BYTES / 3) * 4 + 4),
  }),
  /** Looks at an uploaded file and changes nothing. */
  'data.importPreview': z.strictObject({ importId: id }),
  'data.importStart': z.strictObject({ importId: id }),
  'data.importForget': z.strictObject({ importId: id }),
  'data.job': z.strictObject({ jobId: id }),
  /** What is done stays done; what was half done goes. */
  'data.cancelJob': z.strictObject({ jobId: id }),
  /** Deletes every conversation with its files, for good. */
  'data.deleteAll': z.strictObject({ confirm: z.literal('delete everything'), backups: z.boolean() }),
  /**
   * Puts together what helps to find a fault, for a person to read. Holds nothing of a conversation unless one is named.
   * The newest one is kept until the next.
   */
  'diagnostics.collect': z.strictObject({ sessionId: id.exactOptional() }),
  /** Packs files of a collected bundle, as they were shown, into a zip (Base64). */
  'diagnostics.zip': z.strictObject({ bundleId: id, files: z.array(z.string().max(200)).min(1).max(50) }),
  /** A person took note of the end that nobody asked for. */
  'diagnostics.seenCrash': z.strictObject({}),
  /** A page tells that a part of it failed. Only places in the program are kept, never what it was about. */
  'diagnostics.pageFailed': z.strictObject({
    place: z.string().max(100),
    error: z.string().max(200),
    stack: z.string().max(20_000),
  }),
} as const;
