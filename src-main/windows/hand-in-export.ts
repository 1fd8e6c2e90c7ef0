import { stat as look, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Result } from '#contract/errors';
import type { RouteInput, RouteName, RouteOutputs } from '#contract/routes';
import { failureOf, fromAppError } from '../platform/app-failure.ts';

interface HandInCore {
  router: { dispatch(route: string, payload: unknown, viewer: null): Promise<Result<unknown>> };
}

/**
 * Hands a file to the core as the page would, piece by piece. It waits there for a person: nothing is imported by it.
 *
 * @returns the id under which it waits.
 * @throws AppFailure what the core says of it; whatever the file system throws where it cannot be read.
 */
export async function handInExport({ router }: HandInCore, path: string): Promise<string> {
  async function ask<Name extends RouteName>(name: Name, payload: RouteInput<Name>): Promise<RouteOutputs[Name]> {
    const answer = (await router.dispatch(name, payload, null)) as Result<RouteOutputs[Name]>;
    if (answer.ok) return answer.data;
    throw fromAppError(answer.error);
  }

  // Looked at before it is opened: a pipe would be waited for without end.
  if (!(await look(path)).isFile())
    throw failureOf('invalid_payload', { word: 'not_a_file', with: { name: basename(path) } });
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    const { importId, chunkBytes } = await ask('data.importBegin', {
      name: basename(path),
      sizeBytes: Math.max(1, stat.size),
    });
    try {
      const buffer = Buffer.alloc(chunkBytes);
      for (let offsetBytes = 0; offsetBytes < stat.size; ) {
        const { bytesRead } = await file.read(buffer, 0, chunkBytes, offsetBytes);
        // It became shorter meanwhile; the core says that it is not complete.
        if (bytesRead === 0) break;
        const data = buffer.subarray(0, Math.min(bytesRead, stat.size - offsetBytes)).toString('base64');
        offsetBytes = (await ask('data.importAppend', { importId, offsetBytes, data })).receivedBytes;
      }
    } catch (thrown) {
      await ask('data.importForget', { importId });
      throw thrown;
    }
    return importId;
  } finally {
    await file.close();
  }
}
