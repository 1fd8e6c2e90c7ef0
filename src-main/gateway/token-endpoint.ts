import type { TokenRequest } from '../credentials/oauth-tokens.ts';
import type { ProxyTarget } from '../credentials/proxy-book.ts';
import { readTokenAnswer, type TokenAnswer } from '../credentials/read-token-answer.ts';
import type { Clock } from '../platform/clock.ts';
import { CallScrubs } from './call-scrub.ts';
import type { HttpClient } from './http-client.ts';

/** A token endpoint answers at once or not at all; everybody who needs the token waits for it. */
const DEADLINES = { headersTimeoutMs: 20_000, idleTimeoutMs: 20_000, totalTimeoutMs: 30_000 };
const MAX_BYTES = 256 * 1024;

/**
 * Asks a token endpoint for another access token (RFC 6749, 6). A redirect is not followed: what is sent here is sent to
 * this address only. The body never reaches a log.
 *
 * @throws AppFailure `upstream_unreachable`, `proxy_failed`, `timeout`, cleaned of what was sent.
 */
export async function askTokenEndpoint(
  http: HttpClient,
  request: TokenRequest,
  options: { clock: Clock; proxy: ProxyTarget | null },
): Promise<TokenAnswer> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: request.refreshToken,
    client_id: request.clientId,
    ...(request.clientSecret === null ? {} : { client_secret: request.clientSecret }),
    ...(request.scope === null ? {} : { scope: request.scope }),
  });
  try {
    const answer = await http.open(
      {
        method: 'POST',
        url: request.tokenUrl,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        text: form.toString(),
      },
      {
        upstream: new URL(request.tokenUrl).host,
        deadlines: DEADLINES,
        clock: options.clock,
        signal: new AbortController().signal,
        maxBytes: MAX_BYTES,
        proxy: options.proxy,
      },
    );
    return readTokenAnswer(answer.status, await answer.text());
  } catch (thrown) {
    throw new CallScrubs().of(request.refreshToken).thrown(thrown);
  }
}
