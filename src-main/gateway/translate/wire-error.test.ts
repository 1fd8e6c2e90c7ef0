import { describe, expect, test } from 'vitest';
import { eventsOf } from './testing/wire-frames.ts';
import { errorBody, errorFrames, type WireError, type WireProtocol } from './translation.ts';

const error = (status: number, code: string): WireError => ({ status, code, message: 'Said.', retryAfterS: null });

/** As OpenAI describes it, and as it sends it. */
const TOLD = {
  type: 'error',
  code: 'internal',
  message: 'Said.',
  param: null,
  error: { message: 'Said.', type: 'server_error', param: null, code: 'internal' },
  sequence_number: 7,
};

describe('[E11-06] errors in the client’s protocol', () => {
  test.each([
    [400, 'invalid_payload', 'invalid_request_error', 'invalid_request_error', 'invalid_payload'],
    [401, 'unauthorized', 'authentication_error', 'authentication_error', 'unauthorized'],
    [402, 'something', 'billing_error', 'insufficient_quota', 'something'],
    [403, 'something', 'permission_error', 'permission_error', 'something'],
    [404, 'not_found', 'not_found_error', 'not_found_error', 'not_found'],
    [409, 'conflict', 'conflict_error', 'conflict_error', 'conflict'],
    [413, 'payload_too_large', 'request_too_large', 'invalid_request_error', 'payload_too_large'],
    [429, 'upstream_rate_limited', 'rate_limit_error', 'rate_limit_error', 'rate_limit_exceeded'],
    [504, 'timeout', 'timeout_error', 'timeout_error', 'timeout'],
    [503, 'upstream_overloaded', 'overloaded_error', 'service_unavailable_error', 'server_is_overloaded'],
    [529, 'something', 'overloaded_error', 'service_unavailable_error', 'something'],
    [500, 'internal', 'api_error', 'server_error', 'internal'],
    [400, 'upstream_rejected', 'invalid_request_error', 'invalid_request_error', 'upstream_rejected'],
    [404, 'upstream_rejected', 'not_found_error', 'not_found_error', 'upstream_rejected'],
    [413, 'upstream_rejected', 'request_too_large', 'invalid_request_error', 'upstream_rejected'],
  ])('%i %s', (status, code, anthropic, openai, openaiCode) => {
    expect(errorBody('anthropic-messages', error(status, code))).toEqual({
      type: 'error',
      error: { type: anthropic, message: 'Said.' },
    });
    for (const client of ['openai-chat', 'openai-responses'] as const) {
      expect(errorBody(client, error(status, code))).toEqual({
        error: { message: 'Said.', type: openai, param: null, code: openaiCode },
      });
    }
  });

  test('a full context is said in the words that Claude Code makes room for, and in the code and words of OpenAI’s clients', () => {
    const openai = { type: 'invalid_request_error', param: null, code: 'context_length_exceeded' };
    const full = 'Your input exceeds the context window of this model (context_length_exceeded): Said.';
    for (const code of ['context_window_too_small', 'context_length_exceeded']) {
      expect(errorBody('anthropic-messages', error(400, code))).toEqual({
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: Said.' },
      });
      for (const client of ['openai-chat', 'openai-responses'] as const) {
        expect(errorBody(client, error(400, code))).toEqual({ error: { ...openai, message: full } });
        const [first] = eventsOf(errorFrames(client, error(400, code), { nextSequence: 0, response: null }));
        expect(first).toMatchObject({ error: { ...openai, message: full } });
        if (client === 'openai-responses') expect(first).toMatchObject({ message: full });
      }
    }
    for (const [client, words] of [
      ['anthropic-messages', 'It says: prompt is too long.'],
      ['openai-chat', 'This model’s maximum context length is 8 tokens.'],
      ['openai-responses', 'It exceeds the maximum context length.'],
    ] as const) {
      const theirs = { ...error(400, 'context_window_too_small'), message: words };
      expect(errorBody(client, theirs)).toMatchObject({ error: { message: words } });
    }
  });

  test('[E11-02] a line that broke is said in words at which agents ask again', () => {
    for (const client of ['anthropic-messages', 'openai-chat', 'openai-responses'] as const) {
      const [told] = eventsOf(errorFrames(client, error(502, 'upstream_lost')));
      expect(told).toMatchObject({ error: { message: 'Connection lost: Said.' } });
    }
  });

  test.each(['upstream_auth', 'no_credential', 'secrets_locked'])(
    '[BUG-D11] %s is about a key, whatever status keeps it apart from the client’s own',
    (code) => {
      for (const status of [502, 503]) {
        expect(errorBody('anthropic-messages', error(status, code))).toMatchObject({
          error: { type: 'authentication_error' },
        });
        expect(errorBody('openai-chat', error(status, code))).toMatchObject({
          error: { type: 'authentication_error' },
        });
      }
    },
  );

  test('[BUG-D9] a message full of numbers decides nothing', () => {
    const body = errorBody('anthropic-messages', { ...error(502, 'upstream_error'), message: '429 overloaded 401' });
    expect(body).toMatchObject({ error: { type: 'api_error' } });
  });

  test.each([
    ['anthropic-messages', { type: 'error', error: { type: 'api_error', message: 'Said.' } }],
    ['openai-chat', { error: { message: 'Said.', type: 'server_error', param: null, code: 'internal' } }],
    ['openai-responses', TOLD],
  ] as [WireProtocol, object][])('inside a %s stream', (client, expected) => {
    expect(eventsOf(errorFrames(client, error(500, 'internal'), { nextSequence: 7, response: null }))).toEqual([
      expected,
    ]);
  });

  test('[E11-02][BUG-D8] inside a responses stream that has begun its response: an error, and the response as failed', () => {
    const response = { id: 'resp_1', status: 'in_progress', error: null, metadata: { own: 'kept' } };
    expect(eventsOf(errorFrames('openai-responses', error(500, 'internal'), { nextSequence: 7, response }))).toEqual([
      TOLD,
      {
        type: 'response.failed',
        sequence_number: 8,
        response: {
          id: 'resp_1',
          status: 'failed',
          error: { code: 'internal', message: 'Said.' },
          output: [],
          metadata: { own: 'kept' },
        },
      },
    ]);
  });
});
