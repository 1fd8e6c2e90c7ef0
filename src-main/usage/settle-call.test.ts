import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import { callFate } from './call-fate.ts';
import { type CallEnd, settleCall } from './settle-call.ts';

const draft: UsageCall = {
  id: 'r#1',
  runId: 'r',
  sessionId: 's',
  profile: 'p',
  model: 'm',
  credentialId: null,
  credentialLabel: null,
  caller: 'lead_agent',
  purpose: 'chat',
  outcome: 'lost',
  billable: true,
  source: 'estimate',
  inputSource: 'estimate',
  outputSource: null,
  inputTokens: 90,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  price: {
    currency: 'USD',
    from: 'override',
    entry: 'm',
    tiers: [
      {
        aboveTokens: 0,
        input: 10,
        output: 100,
        cacheRead: null,
        cacheWrite: null,
        cacheWrite1h: null,
        reasoning: null,
        request: null,
      },
    ],
  },
  costPicos: null,
  startedAtMs: 1,
  endedAtMs: 1,
};
const usage = (some: Record<string, number | null>) => ({
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
  ...some,
});
const end = (some: Partial<CallEnd>): CallEnd => ({
  outcome: 'completed',
  usage: null,
  isFinal: true,
  outputEstimate: 7,
  endedAtMs: 9,
  ...some,
});

describe('the row of a call', () => {
  it('[E7-15] holds what the provider reported, and the parts that it left out stay unknown', () => {
    expect(settleCall(draft, end({ usage: usage({ input_tokens: 100, output_tokens: 5 }) }))).toMatchObject({
      source: 'provider',
      inputTokens: 100,
      outputTokens: 5,
      cacheReadTokens: null,
      reasoningTokens: null,
      costPicos: '1500',
      endedAtMs: 9,
    });
  });

  it('[E7-15] a reported zero is zero', () => {
    const row = settleCall(
      draft,
      end({ usage: usage({ input_tokens: 100, output_tokens: 0, cache_read_tokens: 0, reasoning_tokens: 0 }) }),
    );
    expect(row).toMatchObject({ source: 'provider', outputTokens: 0, cacheReadTokens: 0, reasoningTokens: 0 });
  });

  it('[E7-15] without a report both figures are estimates', () => {
    expect(settleCall(draft, end({}))).toMatchObject({
      source: 'estimate',
      inputSource: 'estimate',
      outputSource: 'estimate',
      inputTokens: 90,
      outputTokens: 7,
      costPicos: '1600',
    });
  });

  it('[E7-15] [BUG-C12] a stopped answer has the provider’s input, an estimated output, and counts as estimated', () => {
    const early = usage({ input_tokens: 100, output_tokens: 1, cache_read_tokens: 60 });
    expect(settleCall(draft, end({ outcome: 'stopped', usage: early, isFinal: false }))).toMatchObject({
      outcome: 'stopped',
      source: 'estimate',
      inputSource: 'provider',
      outputSource: 'estimate',
      inputTokens: 100,
      outputTokens: 7,
      cacheReadTokens: 60,
    });
  });

  it('[E7-15] an estimate is never below what was reported so far', () => {
    const early = usage({ input_tokens: 100, output_tokens: 50 });
    expect(settleCall(draft, end({ usage: early, isFinal: false }))).toMatchObject({
      outputTokens: 50,
      outputSource: 'estimate',
    });
  });

  it('[decision 31] a refused call is a request and no bill', () => {
    expect(settleCall(draft, end({ outcome: 'refused' }))).toMatchObject({
      billable: false,
      inputTokens: null,
      outputTokens: null,
      costPicos: null,
    });
  });

  it('[E7-15] without a price the cost is unknown and the call is billed all the same', () => {
    const row = settleCall({ ...draft, price: null }, end({ usage: usage({ input_tokens: 1, output_tokens: 1 }) }));
    expect(row).toMatchObject({ billable: true, source: 'provider', costPicos: null });
  });

  it.each([Number.NaN, -1, 1.5, 1e300])('[E7-15] a figure of %s is none', (wrong) => {
    const row = settleCall(draft, end({ usage: usage({ input_tokens: wrong, output_tokens: wrong }) }));
    expect(row).toMatchObject({ source: 'estimate', inputTokens: 90, outputTokens: 7 });
  });
});

describe('a request that nobody accepted', () => {
  const failure = (code: ConstructorParameters<typeof AppFailure>[0], details?: Record<string, unknown>) =>
    new AppFailure(code, 'x', details === undefined ? {} : { details });
  it.each([
    ['a refused connection', failure('upstream_unreachable', { networkCode: 'ECONNREFUSED' }), 'unsent'],
    ['an unknown name', failure('upstream_unreachable', { networkCode: 'ENOTFOUND' }), 'unsent'],
    ['a broken handshake', failure('upstream_unreachable', { networkCode: 'BROKE_BEFORE_SENDING' }), 'unsent'],
    ['a bad certificate', failure('upstream_unreachable', { networkCode: 'CERT_HAS_EXPIRED' }), 'unsent'],
    ['no model chosen', failure('upstream_rejected'), 'unsent'],
    ['a wrong key', failure('upstream_auth', { status: 401 }), 'refused'],
    ['too many requests', failure('upstream_rate_limited', { status: 429 }), 'refused'],
    ['a failing server', failure('upstream_error', { status: 500 }), 'refused'],
    ['a web page', failure('upstream_bad_response', { status: 200 }), 'refused'],
    ['an error in a body of 200', failure('upstream_overloaded'), 'refused'],
    ['a broken connection', failure('upstream_unreachable', { networkCode: 'ECONNRESET' }), 'unknown'],
    ['a timeout', failure('timeout', { deadline: 'headers' }), 'unknown'],
    ['a stop', new AbortReason('user'), 'unknown'],
    ['a bug', new Error('bug'), 'unknown'],
  ] as const)('[decision 31] %s', (_what, thrown, fate) => {
    expect(callFate(thrown)).toBe(fate);
  });
});
