import { AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';

/** More of an error's body tells nothing more. */
const MAX_BYTES = 64 * 1024;
/** What a refusal means stands in its status and its headers; its words come with them, or are not waited for. */
const WITHIN_MS = 2000;

/**
 * The beginning of a refusal's body, or what came of it: one that stalls, breaks off or cannot be unpacked is a refusal all the
 * same, and its key is out. Read to its end, or closed.
 *
 * @throws what is no AppFailure, such as the reason of a caller that aborted.
 */
export async function refusalWords(
  body: { read(): Promise<Buffer | null>; arrived?(): Buffer | null; close(): void },
  clock: Clock,
  maxBytes = MAX_BYTES,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const cancel = clock.after(WITHIN_MS, () => body.close());
  try {
    const arrived = body.arrived?.() ?? null;
    if (arrived !== null) return arrived.subarray(0, maxBytes);
    while (size < maxBytes) {
      const chunk = await body.read();
      if (chunk === null) break;
      chunks.push(chunk);
      size += chunk.length;
    }
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
  } finally {
    cancel();
    body.close();
  }
  return Buffer.concat(chunks);
}
