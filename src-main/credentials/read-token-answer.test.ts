import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTokenAnswer } from './read-token-answer.ts';

describe('a token endpoint’s answer', () => {
  it.each([
    [200, { access_token: 'at', refresh_token: 'rt', expires_in: 3600 }, ['at', 'rt', 3_600_000]],
    [200, { access_token: 'at' }, ['at', null, null]],
    [200, { access_token: 'at', expires_in: '60', refresh_token: '' }, ['at', null, 60_000]],
    [200, { access_token: 'at', expires_in: 'soon' }, ['at', null, null]],
    [201, { access_token: 'at', expires_in: -1 }, ['at', null, null]],
  ])('[E10-16] %i %j holds tokens', (status, body, [accessToken, refreshToken, expiresInMs]) => {
    expect(readTokenAnswer(status, JSON.stringify(body))).toEqual({
      kind: 'tokens',
      accessToken,
      refreshToken,
      expiresInMs,
    });
  });

  it.each([
    [400, '{"error":"invalid_grant"}', 'sign-in'],
    [401, '{"error":"invalid_client"}', 'sign-in'],
    [403, '{"error":"unauthorized_client"}', 'sign-in'],
    [400, '{"error":"slow_down"}', 'later'],
    [500, '{"error":"invalid_grant"}', 'later'],
    [429, '', 'later'],
    [302, '', 'later'],
    [200, '<html>', 'later'],
    [200, '{"access_token":""}', 'later'],
    [200, '{"access_token":"two words"}', 'later'],
    [200, '["access_token"]', 'later'],
  ])('[E10-16] %i %s is %s', (status, body, kind) => {
    expect(readTokenAnswer(status, body).kind).toBe(kind);
  });

  it('[E10-16] whatever comes is read without a throw, and quotes nothing of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, body) => {
        const answer = readTokenAnswer(status, `planted${body}`);
        expect(answer.kind === 'tokens' ? '' : answer.reason).not.toContain('planted');
      }),
    );
  });
});
