import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { creditSourceOf } from './credit-source.ts';
import type { JsonObject } from './json.ts';

const read = (baseUrl: string, ...answers: unknown[]) =>
  creditSourceOf('openai-chat', baseUrl)?.read(answers as JsonObject[]);

describe('[E10-22] where a provider tells what is left', () => {
  it.each([
    [
      'https://openrouter.ai/api',
      'https://openrouter.ai/api/v1/key',
      { data: { label: 'sk-or-v1-116...0ce', limit: 5, usage: 0.1015644762, limit_remaining: 4.8984355238 } },
      [{ currency: 'USD', left: '4.898436', used: '0.101564' }],
    ],
    [
      'https://openrouter.ai/api',
      'https://openrouter.ai/api/v1/key',
      { data: { limit: null, usage: 12, limit_remaining: null } },
      [{ currency: 'USD', left: null, used: '12' }],
    ],
    [
      'https://api.deepseek.com/anthropic',
      'https://api.deepseek.com/user/balance',
      {
        is_available: true,
        balance_infos: [
          { currency: 'CNY', total_balance: '110.00', granted_balance: '10.00', topped_up_balance: '100.00' },
          { currency: 'USD', total_balance: '-0.50' },
          { currency: 'points', total_balance: '7' },
        ],
      },
      [
        { currency: 'CNY', left: '110', used: null },
        { currency: 'USD', left: '-0.5', used: null },
      ],
    ],
    [
      'https://api.moonshot.cn',
      'https://api.moonshot.cn/v1/users/me/balance',
      { code: 0, data: { available_balance: 49.58894, voucher_balance: 46.58893, cash_balance: 3.00001 } },
      [{ currency: 'CNY', left: '49.58894', used: null }],
    ],
    [
      'https://api.siliconflow.com',
      'https://api.siliconflow.com/v1/user/info',
      { code: 20000, data: { balance: '0.88', chargeBalance: '88.00', totalBalance: '88.88' } },
      [{ currency: 'USD', left: '88.88', used: null }],
    ],
  ])('%s at %s', (baseUrl, url, answer, amounts) => {
    expect(creditSourceOf('openai-chat', baseUrl)).toMatchObject({ tells: 'yes', urls: [url] });
    expect(read(baseUrl, answer)).toEqual(amounts);
  });

  it('asks whom it does not know as resellers answer: a limit in dollars, what was spent in cents', () => {
    expect(creditSourceOf('anthropic', 'https://relay.example/claude')).toMatchObject({
      tells: 'maybe',
      urls: [
        'https://relay.example/claude/v1/dashboard/billing/subscription',
        'https://relay.example/claude/v1/dashboard/billing/usage',
      ],
    });
    const amounts = (limit: unknown, cents: unknown) =>
      read('https://relay.example', { hard_limit_usd: limit }, { total_usage: cents });
    expect(amounts(20, 812.5)).toEqual([{ currency: 'USD', left: '11.875', used: '8.125' }]);
    expect(amounts(1, 150)).toEqual([{ currency: 'USD', left: '-0.5', used: '1.5' }]);
    expect(amounts(100_000_000, 150)).toEqual([{ currency: 'USD', left: null, used: '1.5' }]);
    expect(amounts(20, undefined)).toBeNull();
  });

  it('asks nobody who has no such address, and no agent', () => {
    for (const host of ['api.openai.com', 'api.anthropic.com', 'generativelanguage.googleapis.com'])
      expect(creditSourceOf('openai-chat', `https://${host}`)).toBeNull();
    expect(creditSourceOf('hermes', 'http://127.0.0.1:8642')).toBeNull();
    expect(creditSourceOf('demo', '')).toBeNull();
    // A name that only looks like one that is known.
    expect(creditSourceOf('openai-chat', 'https://openrouter.ai.example')?.tells).toBe('maybe');
  });

  it('whatever is answered, what is told is decimal text in a currency that can be shown, or nothing', () => {
    const hosts = ['openrouter.ai/api', 'api.deepseek.com', 'api.moonshot.ai', 'api.siliconflow.cn', 'relay.example'];
    const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.constantFrom('1e9', ' 12 ', '-0.0000001'));
    const answer = fc.record({
      data: fc.oneof(
        fc.record({ limit_remaining: value, usage: value, available_balance: value, totalBalance: value }),
        fc.jsonValue(),
      ),
      balance_infos: fc.oneof(fc.array(fc.record({ currency: fc.string(), total_balance: value })), fc.jsonValue()),
      hard_limit_usd: value,
      total_usage: value,
    });
    fc.assert(
      fc.property(fc.constantFrom(...hosts), answer, (host, told) => {
        for (const { currency, left, used } of read(`https://${host}`, told, told) ?? []) {
          expect(currency).toMatch(/^[A-Z]{3}$/);
          for (const amount of [left, used]) if (amount !== null) expect(amount).toMatch(/^-?\d+(\.\d{1,6})?$/);
        }
      }),
    );
  });
});
