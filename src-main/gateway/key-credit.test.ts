import { describe, expect, it } from 'vitest';
import type { ProfileRecord } from '#contract/records';
import { answer } from '../../e2e/fake-upstream/script.ts';
import { ManualClock } from '../platform/clock.ts';
import { HttpClient } from './http-client.ts';
import { KeyCredit } from './key-credit.ts';
import { openPooledGateway } from './testing/pooled-gateway.ts';

const BILLING = '/v1/dashboard/billing';

async function open() {
  const clock = new ManualClock();
  const world = await openPooledGateway({ clock });
  const id = await world.add('k1');
  const profile = { name: 'work', kind: 'openai-chat', baseUrl: world.fake.url } as ProfileRecord;
  const http = new HttpClient();
  const controller = new AbortController();
  const credit = new KeyCredit({
    credentials: world.world.pool.records,
    profiles: { require: () => profile },
    questions: world.gateway.questions,
    http,
    clock,
    signal: controller.signal,
  });
  const tell = (limit: number) => {
    world.fake.setPage(`${BILLING}/subscription`, answer(200, { hard_limit_usd: limit }));
    world.fake.setPage(`${BILLING}/usage`, answer(200, { total_usage: 250 }));
  };
  const asked = () => world.fake.requestsTo('GET', `${BILLING}/subscription`).length;
  return { world, clock, credit, tell, asked, id, http };
}

describe('[E10-22] the credit that is left of a key', () => {
  it('is asked for with that key, kept for five minutes, and asked anew on demand', async () => {
    const { world, clock, credit, tell, asked, id, http } = await open();
    // A provider that is not known to tell is not asked unbidden.
    expect(await credit.of(id, false)).toEqual({ tells: 'maybe', credit: null });
    expect(asked()).toBe(0);
    tell(10);
    const told = { of: 'key', amounts: [{ currency: 'USD', left: '7.5', used: '2.5' }], askedAtMs: clock.now() };
    // Two windows at once are one question.
    expect(await Promise.all([credit.of(id, true), credit.of(id, true)])).toEqual([
      { tells: 'maybe', credit: told },
      { tells: 'maybe', credit: told },
    ]);
    expect(asked()).toBe(1);
    expect(world.fake.requestsTo('GET', `${BILLING}/usage`)[0]?.headers.authorization).toBe(
      `Bearer ${world.secret('k1')}`,
    );
    tell(20);
    clock.advance(299_999);
    expect((await credit.of(id, false)).credit).toEqual(told);
    expect((await credit.of(id, true)).credit?.amounts[0]?.left).toBe('17.5');
    clock.advance(300_000);
    expect((await credit.of(id, false)).credit).toBeNull();
    // What was told of another secret is not told of the one that is there now.
    await credit.of(id, true);
    await world.world.pool.records.replaceSecret(id, world.fake.url, 'sk-another-0123456789');
    expect((await credit.of(id, false)).credit).toBeNull();
    await http.close();
  });

  it('says nothing of the key, whatever is answered, and says in words where it is not told', async () => {
    const { world, credit, tell, id, http } = await open();
    const refused = async (code: string) => expect(credit.of(id, true)).rejects.toMatchObject({ code });
    await refused('unsupported_option');
    tell(10);
    for (const [code, page] of [
      ['unsupported_option', answer(403, { error: { message: 'management key required' } })],
      ['unsupported_option', answer(200, '<!doctype html><title>Console</title>', { 'content-type': 'text/html' })],
      ['unsupported_option', answer(200, { success: false })],
      ['upstream_auth', answer(401, { error: { message: `bad key ${world.secret('k1')}` } })],
      ['upstream_error', answer(500, { error: { message: 'down' } })],
    ] as const) {
      world.fake.setPage(`${BILLING}/subscription`, page);
      await refused(code);
    }
    expect(world.of('k1')).toMatchObject({ state: 'ready', failureCount: 0, failures: 0, successes: 0, inFlight: 0 });
    world.fake.setPage(`${BILLING}/subscription`, answer(401, { error: { message: `bad key ${world.secret('k1')}` } }));
    await expect(credit.of(id, true)).rejects.not.toThrow(world.secret('k1'));
    await http.close();
  });
});
