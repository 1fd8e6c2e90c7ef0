import type { FailureSaying, FailureWord } from '#contract/failure-saying';

/** What a token endpoint said, as far as it matters. */
export type TokenAnswer =
  | { kind: 'tokens'; accessToken: string; refreshToken: string | null; expiresInMs: number | null }
  /** The grant is used up or refused: only a person can give another. */
  | { kind: 'sign-in'; reason: FailureSaying }
  /** It may work later: nothing is known to be wrong with the grant. */
  | { kind: 'later'; reason: FailureSaying };

/** RFC 6749, 5.2: what trying again cannot mend. */
const FINAL: Record<string, FailureWord> = {
  invalid_grant: 'token_no_grant',
  invalid_client: 'token_no_client',
  unauthorized_client: 'token_not_allowed',
  unsupported_grant_type: 'token_no_renewal',
  invalid_scope: 'token_no_scope',
};

/** Reads an answer of a token endpoint (RFC 6749, 5.1 and 5.2). Pure. `body` may be anything at all. */
export function readTokenAnswer(status: number, body: string): TokenAnswer {
  const fields = parseObject(body);
  const accessToken = fields?.['access_token'];
  if (status >= 200 && status < 300 && typeof accessToken === 'string' && /^[\x21-\x7e]+$/.test(accessToken)) {
    const { refresh_token: refreshToken, expires_in: expiresIn } = fields ?? {};
    // Some send the number as text.
    const seconds = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn;
    return {
      kind: 'tokens',
      accessToken,
      refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : null,
      expiresInMs: typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
    };
  }
  const error = fields?.['error'];
  const final = typeof error === 'string' && status >= 400 && status < 500 ? FINAL[error] : undefined;
  if (final !== undefined) return { kind: 'sign-in', reason: { word: final } };
  if (status >= 200 && status < 300) return { kind: 'later', reason: { word: 'token_missing' } };
  if (status >= 300 && status < 400) return { kind: 'later', reason: { word: 'token_elsewhere', with: { status } } };
  return { kind: 'later', reason: { word: 'token_error', with: { status } } };
}

function parseObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // A web page, or nothing: the status says the rest.
    return null;
  }
}
