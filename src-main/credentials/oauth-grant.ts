import { failureOf } from '../platform/app-failure.ts';

/** What is secret of an OAuth credential. Sealed as one JSON text, so that its parts change together. */
export interface OAuthGrant {
  refreshToken: string;
  clientSecret: string | null;
  accessToken: string | null;
  /** Unix milliseconds; null where the endpoint did not say. */
  expiresAtMs: number | null;
}

export function readGrant(sealedText: string): OAuthGrant {
  return JSON.parse(sealedText) as OAuthGrant;
}

/** The texts in a grant that must not be seen. */
export function secretsOfGrant({ refreshToken, clientSecret, accessToken }: OAuthGrant): string[] {
  return [refreshToken, clientSecret, accessToken].filter((each) => each !== null);
}

/** Shorter than any that endpoints hand out: GitHub's have 80 characters, Auth0's some 45 (2026-11). */
const MIN_REFRESH_TOKEN_CHARS = 20;

/** @throws AppFailure `invalid_payload` for a refresh token that was copied in part. */
export function requireWholeToken(refreshToken: string): void {
  if (/\.\.\.|…/.test(refreshToken) || refreshToken.length < MIN_REFRESH_TOKEN_CHARS) {
    throw failureOf('invalid_payload', { word: 'refresh_token_shortened' }, { details: { field: 'refreshToken' } });
  }
}

/** @throws AppFailure `invalid_payload` for an address that a token must not travel to. */
export function readTokenUrl(text: string): string {
  const url = URL.parse(text.trim());
  const isLocal = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))) {
    throw failureOf(
      'invalid_payload',
      { word: 'token_url_https' },
      {
        retry: { kind: 'user-action', action: 'check-address' },
        details: { field: 'tokenUrl' },
      },
    );
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw failureOf(
      'invalid_payload',
      { word: 'token_url_more' },
      {
        retry: { kind: 'user-action', action: 'check-address' },
        details: { field: 'tokenUrl' },
      },
    );
  }
  return url.href;
}
