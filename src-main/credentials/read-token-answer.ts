/** What a token endpoint said, as far as it matters. */
export type TokenAnswer =
  | { kind: 'tokens'; accessToken: string; refreshToken: string | null; expiresInMs: number | null }
  /** The grant is used up or refused: only a person can give another. */
  | { kind: 'sign-in'; reason: string }
  /** It may work later: nothing is known to be wrong with the grant. */
  | { kind: 'later'; reason: string };

/** RFC 6749, 5.2: what trying again cannot mend. */
const FINAL: Record<string, string> = {
  invalid_grant: 'The provider no longer accepts this sign-in.',
  invalid_client: 'The provider does not accept the client id or the client secret.',
  unauthorized_client: 'The provider does not let this client renew a sign-in.',
  unsupported_grant_type: 'The token address does not renew sign-ins.',
  invalid_scope: 'The provider does not grant this scope.',
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
  if (final !== undefined) return { kind: 'sign-in', reason: final };
  if (status >= 200 && status < 300) return { kind: 'later', reason: 'The token address answered without a token.' };
  if (status >= 300 && status < 400)
    return { kind: 'later', reason: `The token address points elsewhere (${status}), and was not followed.` };
  return { kind: 'later', reason: `The token address answered with an error (${status}).` };
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
