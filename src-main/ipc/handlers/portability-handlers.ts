import type { Portability } from '../../data/portability.ts';
import type { Handlers } from '../router.ts';
import { decodeBase64 } from './base64.ts';

export type PortabilityHandlers = Pick<
  Handlers,
  | 'data.export'
  | 'data.exportRead'
  | 'data.importBegin'
  | 'data.importAppend'
  | 'data.importPreview'
  | 'data.importStart'
  | 'data.importForget'
  | 'data.job'
  | 'data.cancelJob'
  | 'data.deleteAll'
>;

/** Exports, imports, and the end of everything. */
export function createPortabilityHandlers(parts: {
  portability: Portability;
  /** Deletes every conversation and what belongs to it. @returns how many there were. */
  deleteAll: (withBackups: boolean) => Promise<number>;
}): PortabilityHandlers {
  const { portability } = parts;
  return {
    'data.export': ({ sessionIds }) => portability.export(sessionIds ?? null),
    'data.exportRead': ({ jobId, offsetBytes }) => portability.readExport(jobId, offsetBytes),
    'data.importBegin': ({ name, sizeBytes }) => portability.files.begin(name, sizeBytes),
    'data.importAppend': ({ importId, offsetBytes, data }) =>
      portability.files.append(importId, offsetBytes, decodeBase64(data)),
    'data.importPreview': ({ importId }) => portability.preview(importId),
    'data.importStart': ({ importId }) => portability.import(importId),
    'data.importForget': async ({ importId }) => ({ forgotten: await portability.files.forget(importId) }),
    'data.job': ({ jobId }) => portability.job(jobId),
    'data.cancelJob': ({ jobId }) => portability.cancel(jobId),
    'data.deleteAll': async ({ backups }) => ({ conversations: await parts.deleteAll(backups) }),
  };
}
