import type { CreditAmount } from '#contract/credit';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { CreditSource } from './credit-source.ts';
import type { HttpClient } from './http-client.ts';
import type { JsonObject } from './json.ts';
import { bearer } from './providers/auth-headers.ts';
import { callOf, failureContextOf, readJsonObject } from './read-answer.ts';
import type { UpstreamContext } from './upstream-adapter.ts';

/** Somebody looks at a key and waits for it. */
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
/** What a server answers that has no such address, or does not let keys ask there. */
const NOT_TOLD = new Set([403, 404, 405, 501]);

/**
 * Asks a provider what is left of a key.
 *
 * @throws AppFailure `unsupported_option` where it does not tell; as every call otherwise; the signal's reason.
 */
export async function readCredit(
  http: HttpClient,
  context: UpstreamContext,
  source: CreditSource,
): Promise<CreditAmount[]> {
  const deadlines = { headersTimeoutMs: TIMEOUT_MS, idleTimeoutMs: TIMEOUT_MS, totalTimeoutMs: TIMEOUT_MS };
  const headers = { accept: 'application/json', ...bearer(context.target.secret) };
  const answers: JsonObject[] = [];
  for (const url of source.urls) {
    const answer = await http.open({ method: 'GET', url, headers }, callOf({ ...context, deadlines }, MAX_BYTES));
    try {
      answers.push(await readJsonObject(answer, failureContextOf(context)));
    } catch (thrown) {
      const isNotTold = thrown instanceof AppFailure && (NOT_TOLD.has(answer.status) || answer.status < 300);
      throw isNotTold ? notTold(context.target.profileName) : thrown;
    }
  }
  const amounts = source.read(answers);
  if (amounts === null) throw notTold(context.target.profileName);
  return amounts;
}

/** For a provider that does not tell what is left. */
export function notTold(profile: string): AppFailure {
  return failureOf('unsupported_option', { word: 'credit_not_told', with: { profile } });
}
