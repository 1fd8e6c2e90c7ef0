import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import { newId } from '#contract/ids';
import type { AttachmentRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { type UploadSource, uploadFile } from '../../ipc/upload-file.ts';
import { draftShelf } from './draft-store.ts';
import type { FileBlock } from './message-input.ts';

/** Files that are sent to the core at the same time. */
const MOST_AT_ONCE = 3;
const KEY_PREFIX = 'sluice.files.';
/** In the record of a file that a message named: a message does not say how large its files are. */
const UNKNOWN_BYTES = -1;

export type UploadState =
  | { kind: 'waiting' }
  | { kind: 'sending'; sentBytes: number }
  | { kind: 'ready'; record: AttachmentRecord }
  /** `record`: it was stored once, and is gone since. */
  | { kind: 'failed'; error: AppError; record?: AttachmentRecord };

/** A file of a message that is being written. */
export interface DraftFile {
  key: string;
  name: string;
  /** Null for a file that comes back from a message: that does not know. */
  sizeBytes: number | null;
  /** Where the page itself can show it from; null for what is no image, and after a reload. */
  previewUrl: string | null;
  state: UploadState;
}

interface AttachmentState {
  files: Record<string, DraftFile[]>;
  add(api: Pick<SluiceApi, 'request'>, sessionId: string, sources: readonly UploadSource[]): void;
  remove(sessionId: string, key: string): void;
  retry(api: Pick<SluiceApi, 'request'>, sessionId: string, key: string): void;
  /** Files of a message that was sent or queued once, for one that is written again. */
  putBack(sessionId: string, blocks: readonly FileBlock[]): void;
  /**
   * Marks the files that are stored no longer: what nobody sent is swept after a day, and a draft may be older. Their chips
   * stay, so that a message does not go out without them unnoticed.
   *
   * @param words what a chip says then.
   */
  checkKept(sessionId: string, isKept: (path: string) => Promise<boolean>, words: string): Promise<void>;
  /** The conversation is deleted, and what nobody sent with it. */
  forget(sessionId: string): void;
  /** Another window of this browser has changed what is kept of a draft. */
  hear(key: string | null): void;
  /** They went out with a message. */
  drop(sessionId: string, keys: readonly string[]): void;
}

interface Upload {
  source: UploadSource;
  stop: AbortController;
}

const uploads = new Map<string, Upload>();
const waiting: (() => Promise<void>)[] = [];
let active = 0;

/** Starts what waits while there is room. */
function pump(): void {
  while (active < MOST_AT_ONCE) {
    const next = waiting.shift();
    if (next === undefined) return;
    active++;
    void next().finally(() => {
      active--;
      pump();
    });
  }
}

function isRecord(value: unknown): value is AttachmentRecord {
  return typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';
}

/** The files that were ready before a reload. What was still on its way is gone with the page that held it. */
function restored(sessionId: string): DraftFile[] {
  const kept = draftShelf?.getItem(KEY_PREFIX + sessionId) ?? null;
  if (kept === null) return [];
  let records: unknown;
  try {
    records = JSON.parse(kept);
  } catch {
    return [];
  }
  if (!Array.isArray(records)) return [];
  return records.filter(isRecord).map((record) => ({
    key: record.id,
    name: record.name,
    sizeBytes: record.sizeBytes === UNKNOWN_BYTES ? null : record.sizeBytes,
    previewUrl: null,
    state: { kind: 'ready', record },
  }));
}

function keep(sessionId: string, files: readonly DraftFile[]): void {
  const records = files.flatMap(({ state }) => ('record' in state ? [state.record] : []));
  try {
    if (records.length === 0) draftShelf?.removeItem(KEY_PREFIX + sessionId);
    else draftShelf?.setItem(KEY_PREFIX + sessionId, JSON.stringify(records));
  } catch {
    // A full shelf costs the chips their life beyond a reload; the files themselves are stored.
    return;
  }
}

/** A file as a message names it; how large it is, is not known there. */
function fileOf({ name, path, type, media_type = '' }: FileBlock): DraftFile {
  const key = newId();
  const record = { id: key, name, path, mediaType: media_type, sizeBytes: UNKNOWN_BYTES, isImage: type === 'image' };
  return { key, name, sizeBytes: null, previewUrl: null, state: { kind: 'ready', record } };
}

const NO_FILES: DraftFile[] = [];
const known = new Map<string, DraftFile[]>();

/** The files of a draft, from this page's life or from before its reload. */
export function filesOf(files: Record<string, DraftFile[]>, sessionId: string): DraftFile[] {
  const here = files[sessionId];
  if (here !== undefined) return here;
  let before = known.get(sessionId);
  if (before === undefined) {
    before = restored(sessionId);
    known.set(sessionId, before.length === 0 ? NO_FILES : before);
  }
  return before.length === 0 ? NO_FILES : before;
}

/** Files of messages that are being written, per conversation, and their way to the core. */
export const useAttachmentStore = create<AttachmentState>()((set, get) => {
  const change = (sessionId: string, next: (files: DraftFile[]) => DraftFile[]) =>
    set((state) => {
      const files = next(filesOf(state.files, sessionId));
      keep(sessionId, files);
      return { files: { ...state.files, [sessionId]: files } };
    });
  const setState = (sessionId: string, key: string, upload: UploadState) =>
    change(sessionId, (files) => files.map((file) => (file.key === key ? { ...file, state: upload } : file)));

  const start = (api: Pick<SluiceApi, 'request'>, sessionId: string, key: string) => {
    waiting.push(async () => {
      const upload = uploads.get(key);
      if (upload === undefined) return;
      setState(sessionId, key, { kind: 'sending', sentBytes: 0 });
      const { source, stop } = upload;
      const answer = await uploadFile(api, source, stop.signal, (sentBytes) =>
        setState(sessionId, key, { kind: 'sending', sentBytes }),
      );
      if (answer === null) return;
      if (answer.ok) uploads.delete(key);
      setState(
        sessionId,
        key,
        answer.ok ? { kind: 'ready', record: answer.data } : { kind: 'failed', error: answer.error },
      );
    });
    pump();
  };

  return {
    files: {},
    add: (api, sessionId, sources) => {
      for (const source of sources) {
        const key = newId();
        uploads.set(key, { source, stop: new AbortController() });
        const previewUrl =
          source.type.startsWith('image/') && source instanceof Blob ? URL.createObjectURL(source) : null;
        const file: DraftFile = {
          key,
          name: source.name,
          sizeBytes: source.size,
          previewUrl,
          state: { kind: 'waiting' },
        };
        change(sessionId, (files) => [...files, file]);
        start(api, sessionId, key);
      }
    },
    remove: (sessionId, key) => {
      uploads.get(key)?.stop.abort();
      get().drop(sessionId, [key]);
    },
    retry: (api, sessionId, key) => {
      const upload = uploads.get(key);
      if (upload === undefined) return;
      uploads.set(key, { source: upload.source, stop: new AbortController() });
      setState(sessionId, key, { kind: 'waiting' });
      start(api, sessionId, key);
    },
    putBack: (sessionId, blocks) => {
      if (blocks.length === 0) return;
      const files = blocks.map(fileOf);
      change(sessionId, (now) => [...now, ...files]);
    },
    checkKept: async (sessionId, isKept, words) => {
      const ready = filesOf(get().files, sessionId).flatMap(({ key, state }) =>
        state.kind === 'ready' ? [{ key, record: state.record }] : [],
      );
      const error: AppError = { code: 'not_found', message: words, retry: { kind: 'no' } };
      await Promise.all(
        ready.map(async ({ key, record }) => {
          if (!(await isKept(record.path))) setState(sessionId, key, { kind: 'failed', error, record });
        }),
      );
    },
    forget: (sessionId) => {
      for (const file of filesOf(get().files, sessionId)) get().remove(sessionId, file.key);
    },
    hear: (key) => {
      if (key?.startsWith(KEY_PREFIX) !== true) return;
      const sessionId = key.slice(KEY_PREFIX.length);
      // What is on its way from here is known to this window alone.
      const own = filesOf(get().files, sessionId).filter(({ state }) => state.kind !== 'ready');
      set((state) => ({ files: { ...state.files, [sessionId]: [...restored(sessionId), ...own] } }));
    },
    drop: (sessionId, keys) => {
      const gone = new Set(keys);
      for (const file of filesOf(get().files, sessionId)) {
        if (!gone.has(file.key)) continue;
        uploads.delete(file.key);
        if (file.previewUrl !== null) URL.revokeObjectURL(file.previewUrl);
      }
      change(sessionId, (files) => files.filter((file) => !gone.has(file.key)));
    },
  };
});
