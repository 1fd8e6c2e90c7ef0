import * as list from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallFigures, PriceSnapshot } from '#contract/usage-report';
import { costOfCall } from './cost-of-call.ts';
import { knownPrice } from './known-price.ts';

const tier = {
  aboveTokens: 0,
  input: 3_000_000,
  output: 15_000_000,
  cacheRead: 300_000,
  cacheWrite: 3_750_000,
  cacheWrite1h: 6_000_000,
  reasoning: null,
  request: null,
};
const price: PriceSnapshot = { currency: 'USD', from: 'list', entry: 'p/m', tiers: [tier] };
const figures = (some: Partial<CallFigures>): CallFigures => ({
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  ...some,
});

describe('what a call costs', () => {
  it.each([
    ['plain', { inputTokens: 1000, outputTokens: 100 }, 4_500_000_000n],
    ['cached input once, at its own price', { inputTokens: 1000, outputTokens: 0, cacheReadTokens: 900 }, 570_000_000n],
    [
      'both kinds of writes',
      { inputTokens: 100, outputTokens: 0, cacheWriteTokens: 100, cacheWrite5mTokens: 60, cacheWrite1hTokens: 40 },
      465_000_000n,
    ],
    ['nothing', { inputTokens: 0, outputTokens: 0 }, 0n],
    ['more cached than there is', { inputTokens: 10, outputTokens: 0, cacheReadTokens: 50 }, 3_000_000n],
  ])('[E7-15] %s', (_what, some, picos) => {
    expect(costOfCall(figures(some), price)).toBe(picos);
  });

  it('[E7-15] is unknown where a figure or a price that counts is, and never 0', () => {
    expect(costOfCall(figures({ inputTokens: 5 }), price)).toBe(null);
    expect(costOfCall(figures({ outputTokens: 5 }), price)).toBe(null);
    const half = { ...price, tiers: [{ ...tier, output: null }] };
    expect(costOfCall(figures({ inputTokens: 5, outputTokens: 1 }), half)).toBe(null);
    expect(costOfCall(figures({ inputTokens: 5, outputTokens: 0 }), half)).toBe(15_000_000n);
  });

  it('[E7-15] a missing cache price is the input’s', () => {
    const bare = { ...price, tiers: [{ ...tier, cacheRead: null, cacheWrite: null, cacheWrite1h: null }] };
    const some = figures({ inputTokens: 100, outputTokens: 0, cacheReadTokens: 40, cacheWriteTokens: 30 });
    expect(costOfCall(some, bare)).toBe(300_000_000n);
  });

  it('[E7-15] a sum of calls is exact, whatever the prices', () => {
    const digits = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(
        digits,
        digits,
        fc.array(fc.tuple(fc.nat(3_000_000), fc.nat(200_000)), { maxLength: 50 }),
        (input, output, calls) => {
          const snapshot = { ...price, tiers: [{ ...tier, input, output }] };
          const sum = calls.reduce(
            (total, [i, o]) => total + (costOfCall(figures({ inputTokens: i, outputTokens: o }), snapshot) ?? 0n),
            0n,
          );
          const all = calls.reduce(([i, o], call) => [i + call[0], o + call[1]], [0, 0]);
          expect(sum).toBe(BigInt(all[0]) * BigInt(input) + BigInt(all[1]) * BigInt(output));
        },
      ),
    );
  });

  it('[E7-15] agrees with the list’s own arithmetic for every price of a tier, to a millionth of a cent', () => {
    const cases = [
      ['https://api.anthropic.com', 'anthropic', 'claude-sonnet-4-5'],
      ['https://api.openai.com', 'openai', 'gpt-4o'],
      ['https://generativelanguage.googleapis.com', 'google', 'gemini-2.5-pro'],
    ] as const;
    for (const [baseUrl, providerId, model] of cases) {
      const snapshot = knownPrice(list, { baseUrl, model, atMs: Date.parse('2026-11-21') });
      if (snapshot === null) throw new Error(`${model} has no price`);
      for (const input of [0, 1, 1000, 200_000, 200_001, 900_000]) {
        const usage = { input_tokens: input, output_tokens: 700, cache_read_tokens: Math.floor(input / 3) };
        const theirs = list.calcPrice(usage, model, { providerId, timestamp: new Date('2026-11-21') });
        const some = { inputTokens: input, outputTokens: 700, cacheReadTokens: usage.cache_read_tokens };
        expect(Number(costOfCall(figures(some), snapshot)) / 1e12, `${model} ${input}`).toBeCloseTo(
          theirs?.total_price ?? -1,
          8,
        );
      }
    }
  });
});

describe('the list that ships', () => {
  const at = (baseUrl: string, model: string) => knownPrice(list, { baseUrl, model, atMs: Date.parse('2026-11-21') });

  it('[E7-15] knows a model at its provider’s address, dated names included', () => {
    expect(at('https://api.anthropic.com', 'claude-sonnet-4-5-20250929')).toMatchObject({
      currency: 'USD',
      from: 'list',
      entry: 'anthropic/claude-sonnet-4-5',
      tiers: [
        { aboveTokens: 0, input: 3_000_000, output: 15_000_000, cacheRead: 300_000, cacheWrite1h: 6_000_000 },
        { aboveTokens: 200_000, input: 6_000_000 },
      ],
    });
  });

  it.each([
    ['a server of one’s own', 'http://127.0.0.1:11434', 'gpt-4o'],
    ['a proxy', 'https://proxy.example', 'claude-sonnet-4-5'],
    ['a model that nobody lists', 'https://api.openai.com', 'no-such-model-at-all'],
    ['no address', '', 'gpt-4o'],
    ['no model', 'https://api.openai.com', ''],
  ])('[E7-15] does not guess for %s', (_what, baseUrl, model) => {
    expect(at(baseUrl, model)).toBe(null);
  });
});
