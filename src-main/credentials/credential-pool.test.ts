import { describe, expect, test } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import type { LeaseWait } from './lease.ts';
import { failed, ORIGIN, openPool, PROFILE, use } from './testing/open-pool.ts';

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe('what a failure does to its key', () => {
  test('[E10-12] [E10-20] three refusals in a row switch it off; an answer in between starts the count anew', async () => {
    const world = await openPool();
    const id = await world.add('a');
    await use(world, failed('auth'));
    await use(world, failed('auth'));
    await use(world, { kind: 'success' });
    await use(world, failed('auth'));
    await use(world, failed('auth'));
    expect(world.of(id)).toMatchObject({ state: 'ready', failureCount: 2 });
    await use(world, failed('auth'));
    expect(world.of(id)).toMatchObject({ state: 'refused', disabled: true, disabledReason: 'too_many_failures' });
    expect(await rejection(world.lease())).toMatchObject({ code: 'upstream_auth' });
  });

  test('[E10-20] [BUG-D10] a refused key is tried once a window, each twice as long as the one before, and an answer brings it back', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    const id = await world.add('a');
    for (let times = 0; times < 3; times++) await use(world, failed('auth'));
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const waitMs = (world.of(id).nextTrialAtMs ?? 0) - clock.now();
      waits.push(waitMs);
      clock.advance(waitMs - 1);
      expect(await rejection(world.lease())).toMatchObject({ code: 'upstream_auth' });
      clock.advance(1);
      const trial = await world.lease();
      // Everybody else waits for the outcome of the one.
      expect(await rejection(world.lease())).toMatchObject({ code: 'upstream_auth' });
      trial?.report(failed('auth'));
      trial?.release();
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * 60_000));
    clock.advance(3_600_000);
    await use(world, { kind: 'success' });
    expect(world.of(id)).toMatchObject({ state: 'ready', disabled: false, failureCount: 0 });
  });

  test('[E10-12] spent credit switches it off at once, and says so when no key is left', async () => {
    const world = await openPool();
    const id = await world.add('a');
    await use(world, failed('quota_exhausted'));
    expect(world.of(id)).toMatchObject({ state: 'exhausted', disabledReason: 'quota_exhausted' });
    expect(await rejection(world.lease())).toMatchObject({ code: 'quota_exhausted' });
  });

  test.each(['bad_request', 'client_error', 'unreachable', 'connection_lost', 'payment_required'] as const)(
    '[E10-12] %s is not the key’s fault',
    async (failure) => {
      const world = await openPool();
      const id = await world.add('a');
      for (let times = 0; times < 5; times++) await use(world, failed(failure));
      expect(world.of(id)).toMatchObject({ state: 'ready', rests: [], failureCount: 0, failures: 5 });
    },
  );

  test('[E10-13] a limit is of one model, an extra of the whole key', async () => {
    const world = await openPool();
    const id = await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 300_000 }));
    expect(world.of(id)).toMatchObject({
      state: 'cooling',
      rests: [{ model: 'm', kind: 'rate_limit', source: 'provider', reason: 'It said no.' }],
    });
    expect(await use(world, failed('overage'), { model: 'other' })).toBe(id);
    expect(await rejection(world.lease({ model: 'third' }))).toMatchObject({ code: 'credentials_cooling' });
  });

  test('[E10-13] an answer ends the rest, but not one that was under way before the rest began', async () => {
    const world = await openPool();
    const id = await world.add('a');
    const early = await world.lease();
    await use(world, failed('rate_limit'));
    early?.report({ kind: 'success' });
    early?.release();
    expect(world.of(id).state).toBe('cooling');
    await use(world, { kind: 'success' });
    expect(world.of(id)).toMatchObject({ state: 'ready', rests: [] });
  });

  test('[E10-26] rests can be switched off, and their lengths hold at once', async () => {
    const world = await openPool({ settings: { cooldownsEnabled: false } });
    const id = await world.add('a');
    await use(world, failed('rate_limit'));
    expect(world.of(id).state).toBe('ready');
    world.settings.cooldownsEnabled = true;
    world.settings.rateLimitCooldownMs = 7000;
    await use(world, failed('rate_limit'));
    expect((world.of(id).rests[0]?.untilMs ?? 0) - world.clock.now()).toBe(7000);
  });

  test('[E10-21] a suspicion of abuse stops the account’s keys and no others, is told at once, and holds whatever the settings say', async () => {
    const world = await openPool({ settings: { cooldownsEnabled: false } });
    const [a, b, other, loose] = [
      await world.add('a', { group: 'home', priority: 0 }),
      await world.add('b', { group: 'home', priority: 1 }),
      await world.add('c', { group: 'office', priority: 2 }),
      await world.add('d', { priority: 3 }),
    ];
    await use(world, failed('suspicious_activity', { message: 'Suspicious activity detected.' }));
    const states = [a, b, other, loose].map((id) => world.of(id ?? '').state);
    expect(states).toEqual(['cooling', 'cooling', 'ready', 'ready']);
    expect(world.news).toContainEqual({ kind: 'flagged', credentialId: a });
    // Nobody tests it before its end.
    const out = new Set([other ?? '', loose ?? '']);
    expect(await rejection(world.lease({ out }))).toMatchObject({ code: 'account_flagged' });
  });

  test('[E10-21] keys without a group count as one account', async () => {
    const world = await openPool();
    const [a, b] = [await world.add('a'), await world.add('b')];
    await use(world, failed('suspicious_activity'));
    expect([world.of(a).state, world.of(b).state]).toEqual(['cooling', 'cooling']);
  });
});

describe('waiting for a key', () => {
  test('[E10-08] [E10-09] a request waits while all are full, in order, and is told', async () => {
    const world = await openPool();
    await world.add('a', { maxInFlight: 1 });
    const first = await world.lease();
    const waits: LeaseWait[] = [];
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) =>
      world.lease({ waiting: (wait) => waits.push(wait) }).then((lease) => {
        order.push(number);
        return lease;
      }),
    );
    expect(world.pool.waiting(PROFILE)).toBe(3);
    expect(waits).toMatchObject([{ code: 'credentials_busy', waitMs: 60_000 }, {}, {}]);
    first?.release();
    for (const each of waiting) (await each)?.release();
    expect(order).toEqual([1, 2, 3]);
    expect(world.pool.waiting(PROFILE)).toBe(0);
  });

  test('[E10-09] [BUG-D4] the line and the wait have limits of their own', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock, settings: { credentialQueueLimit: 1, credentialQueueWaitMs: 5000 } });
    await world.add('a', { maxInFlight: 1 });
    const held = await world.lease();
    const waiting = rejection(world.lease());
    expect(await rejection(world.lease())).toMatchObject({ code: 'credentials_busy' });
    clock.advance(4999);
    expect(world.pool.waiting(PROFILE)).toBe(1);
    clock.advance(1);
    expect(await waiting).toMatchObject({ code: 'credentials_busy', retry: { kind: 'user-action', action: 'retry' } });
    expect(clock.pending).toBe(0);
    held?.release();
  });

  test('[E10-09] an abort leaves the line at once, and the next one is served', async () => {
    const world = await openPool();
    await world.add('a', { maxInFlight: 1 });
    const held = await world.lease();
    const controller = new AbortController();
    const gone = rejection(world.lease({ signal: controller.signal }));
    const next = world.lease();
    const reason = new Error('stop');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    held?.release();
    (await next)?.release();
    expect(world.of(held?.credentialId ?? '').inFlight).toBe(0);
  });

  test('[E10-09] going beyond a limit is a setting of its own', async () => {
    const world = await openPool({ settings: { credentialOverflow: true } });
    const id = await world.add('a', { maxInFlight: 1 });
    await world.lease();
    await world.lease();
    expect(world.of(id).inFlight).toBe(2);
  });

  test('[E10-08] a raised limit lets the next one in at once', async () => {
    const world = await openPool();
    const id = await world.add('a', { maxInFlight: 1 });
    await world.lease();
    const waiting = world.lease();
    await world.pool.records.update(id, { maxInFlight: 2 });
    expect((await waiting)?.credentialId).toBe(id);
  });

  test('[E10-14] while all rest, it waits for the first one and says how long; no try before the provider’s time', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 8000 }));
    // A quarter and half of it are tests; these are used up here.
    clock.advance(2000);
    await use(world, failed('rate_limit', { waitMs: 6000 }));
    clock.advance(2000);
    await use(world, failed('rate_limit', { waitMs: 4000 }));
    const waits: LeaseWait[] = [];
    let isServed = false;
    const waiting = world.lease({ waiting: (wait) => waits.push(wait) }).then((lease) => {
      isServed = true;
      return lease;
    });
    await world.stored();
    expect(waits).toMatchObject([{ code: 'credentials_cooling', waitMs: 4050 }]);
    clock.advance((waits[0]?.waitMs ?? 0) - 1);
    await world.stored();
    expect(isServed).toBe(false);
    clock.advance(1);
    expect((await waiting)?.waitedMs).toBe(waits[0]?.waitMs);
  });

  test('[E10-14] a rest that is too long to wait for is told with its end', async () => {
    const world = await openPool();
    await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 600_000 }));
    const failure = await rejection(world.lease());
    expect(failure).toMatchObject({ code: 'credentials_cooling', retry: { kind: 'after', waitMs: 150_000 } });
    expect((failure as Error).message).toContain('It said no.');
  });

  test('[E10-14] each model’s rest is tested at a quarter of it, also where the same key’s rest for another model just was', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 400_000 }), { model: 'one' });
    await use(world, failed('rate_limit', { waitMs: 400_000 }), { model: 'two' });
    clock.advance(100_000);
    await use(world, failed('rate_limit', { waitMs: 300_000 }), { model: 'one' });
    const second = await world.lease({ model: 'two' });
    expect(second?.waitedMs).toBe(0);
    second?.release();
    expect(await rejection(world.lease({ model: 'one' }))).toMatchObject({ code: 'credentials_cooling' });
  });

  test('[E10-14] a key that is freed early ends the wait', async () => {
    const world = await openPool();
    const id = await world.add('a');
    await use(world, failed('suspicious_activity'));
    world.settings.credentialRestWaitMs = 400_000;
    const waiting = world.lease();
    await world.pool.records.reset(id);
    expect((await waiting)?.credentialId).toBe(id);
  });

  test('[E10-20] while one request tests a resting key, the others wait for what comes of it', async () => {
    const world = await openPool();
    await world.add('a');
    await use(world, failed('rate_limit'));
    const probe = await world.lease();
    let isServed = false;
    const waiting = world.lease().then((lease) => {
      isServed = true;
      return lease;
    });
    await world.stored();
    expect(isServed).toBe(false);
    probe?.answering();
    expect((await waiting)?.waitedMs).toBe(0);
    probe?.release();
  });

  test('a request for another model is not held up by those who wait in front of it', async () => {
    const world = await openPool();
    await world.add('a', { maxInFlight: 1 });
    const id = await world.add('b');
    await world.pool.records.update(id, { models: ['other'] });
    await world.lease();
    void rejection(world.lease());
    expect((await world.lease({ model: 'other' }))?.credentialId).toBe(id);
  });
});

describe('which key a request may have', () => {
  test('[E10-04] the rule changes while it runs', async () => {
    const world = await openPool();
    const [a, b] = [await world.add('a', { priority: 0 }), await world.add('b', { priority: 1 })];
    await world.lease();
    expect((await world.lease())?.credentialId).toBe(a);
    world.settings.credentialMode = 'balanced';
    expect((await world.lease())?.credentialId).toBe(b);
  });

  test('a model that no key is allowed for is said to be that', async () => {
    const world = await openPool();
    const id = await world.add('a');
    await world.pool.records.update(id, { models: ['small'] });
    expect(await rejection(world.lease({ model: 'large' }))).toMatchObject({
      code: 'no_credential',
      retry: { action: 'choose-model' },
    });
    expect((await world.lease({ model: 'small' }))?.credentialId).toBe(id);
  });

  test('a key for another address, and a locked one, are not taken for none', async () => {
    const world = await openPool();
    await world.add('a');
    expect(await rejection(world.lease({ origin: 'https://else.test' }))).toMatchObject({ code: 'no_credential' });
    await world.pool.close();
    const locked = await openPool({ dir: world.store.db.name.replace(/\/[^/]+$/, ''), sealed: false });
    expect(await rejection(locked.lease())).toMatchObject({ code: 'secrets_locked' });
  });
});

describe('[E10-06] a conversation keeps its key', () => {
  test('after an answer that was complete, for an hour, and over a restart', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    const [a, b] = [await world.add('a', { priority: 0 }), await world.add('b', { priority: 1 })];
    const out = new Set([a]);
    expect(await use(world, failed('client_error'), { conversation: 's', out })).toBe(b);
    expect(await use(world, { kind: 'none' }, { conversation: 's' })).toBe(a);
    expect(await use(world, { kind: 'success' }, { conversation: 's', out })).toBe(b);
    expect(await use(world, { kind: 'none' }, { conversation: 's' })).toBe(b);
    expect(await use(world, { kind: 'none' }, { conversation: 'other' })).toBe(a);
    clock.advance(1000);
    await world.stored();
    const again = await world.reopen();
    clock.advance(3_598_999);
    expect(await use(again, { kind: 'none' }, { conversation: 's' })).toBe(b);
    clock.advance(1);
    expect(await use(again, { kind: 'none' }, { conversation: 's' })).toBe(a);
  });
});

describe('[E10-17] [decision 32] [BUG-D6] what a crash leaves', () => {
  test('rest, disabling and refusals are there at once, with their reasons', async () => {
    const world = await openPool();
    const [a, b, c] = [
      await world.add('a', { priority: 0 }),
      await world.add('b', { priority: 1 }),
      await world.add('c', { priority: 2 }),
    ];
    await use(world, failed('rate_limit', { waitMs: 90_000, status: 429, message: 'Slow down.' }));
    await use(world, failed('quota_exhausted'), { out: new Set([a]) });
    await use(world, failed('auth'), { out: new Set([a, b]) });
    await world.stored();
    const before = [a, b, c].map((id) => world.of(id));
    const again = await world.reopen();
    expect([a, b, c].map((id) => again.of(id))).toEqual(before);
    expect(again.of(a)).toMatchObject({
      state: 'cooling',
      rests: [{ reason: 'Slow down.', model: 'm' }],
      lastError: { class: 'rate_limit', status: 429 },
    });
    expect(again.of(b).disabledReason).toBe('quota_exhausted');
    expect(again.of(c).failureCount).toBe(1);
  });

  test('a rest that ended meanwhile is over, and a clock that was set back makes none longer', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    const id = await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 60_000 }));
    await world.stored();
    const back = await openPool({
      dir: world.store.db.name.replace(/\/[^/]+$/, ''),
      clock: new ManualClock(clock.now() - 86_400_000),
    });
    expect((back.of(id).rests[0]?.untilMs ?? 0) - back.clock.now()).toBe(60_000);
    clock.advance(60_000);
    expect((await world.reopen()).of(id)).toMatchObject({ state: 'ready', rests: [] });
  });

  test('[E10-13] a clock that is set back while a key rests ends the rest after its own length, not when it has caught up', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    const id = await world.add('a');
    await use(world, failed('rate_limit', { waitMs: 60_000 }));
    clock.advance(-7_200_000);
    expect((world.of(id).rests[0]?.untilMs ?? 0) - clock.now()).toBe(60_000);
    clock.advance(60_000);
    expect(world.of(id).state).toBe('ready');
    expect(await use(world, { kind: 'success' })).toBe(id);
  });

  test('counters are there within a second, and at once after a clean end', async () => {
    const clock = new ManualClock();
    const world = await openPool({ clock });
    const id = await world.add('a');
    await use(world, { kind: 'success' });
    await world.stored();
    expect(world.store.credentialHealth.list()).toEqual([]);
    clock.advance(1000);
    await world.stored();
    expect(world.store.credentialHealth.list()).toMatchObject([{ credential_id: id, successes: 1 }]);
    await use(world, { kind: 'success' });
    await world.pool.close();
    const again = await world.reopen();
    expect(again.of(id)).toMatchObject({ successes: 2, lastUsedAtMs: clock.now() });
  });

  test('a key that is in memory only leaves nothing on disk', async () => {
    const world = await openPool({ sealed: false });
    const id = await world.add('a');
    await use(world, failed('rate_limit'));
    await world.pool.close();
    expect(world.of(id).state).toBe('cooling');
    expect(world.store.credentialHealth.cooldowns()).toEqual([]);
  });
});

test('[E10-12] a lease books once and gives back once, whatever its holder does', async () => {
  const world = await openPool();
  const id = await world.add('a');
  const lease = await world.lease();
  lease?.report({ kind: 'success' });
  lease?.report(failed('quota_exhausted'));
  lease?.release();
  lease?.release();
  lease?.report(failed('quota_exhausted'));
  expect(world.of(id)).toMatchObject({ inFlight: 0, successes: 1, failures: 0, state: 'ready' });
  expect(world.pool.others({ profileId: PROFILE, origin: ORIGIN })).toEqual({ kind: 'ready' });
});
