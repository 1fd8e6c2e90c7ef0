import type { CredentialLease } from '../credentials/lease.ts';
import { AppFailure } from '../platform/app-failure.ts';
import { callFailureOf } from './call-failure.ts';
import { callScrubOf } from './call-scrub.ts';
import type { CredentialSource } from './keyed-call.ts';
import type { UpstreamContext } from './upstream-adapter.ts';

/**
 * One question to an upstream with a certain key, whatever its state. A key that renews itself is renewed once where it is refused.
 *
 * @param how.isBooked whether what came of it is said of the key: an accepted key is no longer a refused one, but one that rests
 *   goes on resting.
 * @throws what leasing throws, and what `question` throws, cleaned of the key.
 */
export async function askWithKey<T>(
  how: {
    lease: () => Promise<CredentialLease>;
    refresh: CredentialSource['refresh'];
    contextOf: (lease: CredentialLease) => Promise<UpstreamContext>;
    signal: AbortSignal;
    isBooked: boolean;
  },
  question: (context: UpstreamContext) => Promise<T>,
): Promise<T> {
  const { signal, isBooked } = how;
  signal.throwIfAborted();
  for (let isRenewed = false; ; isRenewed = true) {
    const lease = await how.lease();
    const scrub = callScrubOf(lease.secret);
    try {
      const answer = scrub.data(await question(await how.contextOf(lease)));
      if (isBooked) lease.report({ kind: 'accepted' });
      return answer;
    } catch (dirty) {
      const thrown = scrub.thrown(dirty);
      const failure = thrown instanceof AppFailure && !signal.aborted ? callFailureOf(thrown) : null;
      const isEnded = failure?.class === 'auth' && failure.status !== 403 && !isRenewed;
      if (isEnded && (await how.refresh?.(lease.credentialId, lease.secret, signal)) === true) continue;
      if (isBooked && failure !== null) lease.report({ kind: 'failure', failure });
      throw thrown;
    } finally {
      lease.release();
    }
  }
}
