import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import type { FailureClass } from './failure-class.ts';
import type { CredentialLease, LeaseOutcome } from './lease.ts';
import { openPool, type TestPool } from './testing/open-pool.ts';

const FAILURES: FailureClass[] = [
  'auth',
  'rate_limit',
  'overload',
  'quota_exhausted',
  'suspicious_activity',
  'client_error',
];

/** What happens to the pool. Numbers choose among what there is at that moment. */
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ask' as const), conversation: fc.option(fc.nat(2)) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), how: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 500, 5000, 61_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('switch' as const), which: fc.nat(), disabled: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('limit' as const), which: fc.nat(), limit: fc.integer({ min: 1, max: 3 }) }),
  },
);

type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

interface Asker {
  number: number;
  controller: AbortController;
  state: 'waiting' | 'holding' | 'over';
  lease: CredentialLease | null;
}

function outcomeOf(how: number): LeaseOutcome {
  const failure = FAILURES[how % (FAILURES.length * 3)];
  if (failure === undefined) return how % 5 === 0 ? { kind: 'none' } : { kind: 'success' };
  const waitMs = how % 2 === 0 ? null : 3000;
  return { kind: 'failure', failure: { class: failure, refused: true, status: null, waitMs, message: 'No.' } };
}

/** Plays the commands and checks the laws at each step. */
async function play(world: TestPool, ids: readonly string[], clock: ManualClock, commands: readonly Command[]) {
  const askers: Asker[] = [];
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  };
  const inFlight = (id: string) =>
    askers.filter((each) => each.state === 'holding' && each.lease?.credentialId === id).length;
  const check = () => {
    // The pool's books are those of its users, for every key at every moment.
    for (const id of ids) expect(world.of(id).inFlight).toBe(inFlight(id));
  };
  const ask = (conversation: number | null) => {
    const asker: Asker = { number: askers.length, controller: new AbortController(), state: 'waiting', lease: null };
    askers.push(asker);
    world
      .lease({ signal: asker.controller.signal, conversation: conversation === null ? null : `s${conversation}` })
      .then(
        (lease) => {
          asker.lease = lease;
          asker.state = 'holding';
          if (lease === null) throw new Error('There are keys.');
          const { maxInFlight } = world.of(lease.credentialId);
          expect(inFlight(lease.credentialId)).toBeLessThanOrEqual(maxInFlight);
          // All ask for the same: whoever waits longer is served first.
          const before = askers.find((each) => each.number < asker.number && each.state === 'waiting');
          expect(before?.number).toBeUndefined();
        },
        (thrown: unknown) => {
          asker.state = 'over';
          if (!(thrown instanceof AppFailure) && thrown !== asker.controller.signal.reason) throw thrown;
        },
      );
  };
  const end = (asker: Asker, outcome: LeaseOutcome) => {
    asker.lease?.report(outcome);
    asker.lease?.release();
    asker.state = 'over';
  };
  for (const each of commands) {
    const holding = askers.filter((asker) => asker.state === 'holding');
    const waiting = askers.filter((asker) => asker.state === 'waiting');
    if (each.do === 'ask') ask(each.conversation);
    else if (each.do === 'pass') clock.advance(each.ms);
    else if (each.do === 'end' && holding.length > 0) {
      const asker = holding[each.which % holding.length];
      if (asker !== undefined) end(asker, outcomeOf(each.how));
    } else if (each.do === 'leave' && waiting.length > 0) {
      waiting[each.which % waiting.length]?.controller.abort(new Error('left'));
    } else if (each.do === 'switch')
      await world.pool.records.setDisabled(ids[each.which % ids.length] ?? '', each.disabled);
    else if (each.do === 'limit')
      await world.pool.records.update(ids[each.which % ids.length] ?? '', { maxInFlight: each.limit });
    await settle();
    check();
  }
  // Whatever came before: everybody who waits is served or told, and every permit is back.
  for (const id of ids) await world.pool.records.reset(id);
  await settle();
  for (let round = 0; round < askers.length + 1; round++) {
    for (const asker of askers) if (asker.state === 'holding') end(asker, { kind: 'success' });
    await settle();
  }
  expect(askers.filter((asker) => asker.state !== 'over')).toEqual([]);
  check();
  for (const id of ids) expect(world.of(id).inFlight).toBe(0);
}

test('[E10-08] [E10-09] [BUG-D3] [BUG-D4] whatever happens in whatever order: no limit is exceeded, the line is in order, all permits come back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('priority' as const, 'balanced' as const),
      fc.array(command, { maxLength: 60 }),
      async (limits, credentialMode, commands) => {
        const clock = new ManualClock();
        const world = await openPool({ clock, sealed: false, settings: { credentialMode } });
        const ids: string[] = [];
        for (const [index, maxInFlight] of limits.entries()) ids.push(await world.add(`k${index}`, { maxInFlight }));
        await play(world, ids, clock, commands);
        world.store.close();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('[E10-04] no key of the same priority starves, in either mode, also after a failure', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 5 }),
      fc.constantFrom('priority' as const, 'balanced' as const),
      fc.nat(4),
      async (count, credentialMode, hurt) => {
        const clock = new ManualClock();
        const world = await openPool({ clock, sealed: false, settings: { credentialMode } });
        const ids: string[] = [];
        for (let index = 0; index < count; index++) ids.push(await world.add(`k${index}`));
        for (let round = 0; round < count; round++) {
          const lease = await world.lease();
          lease?.report(round === hurt ? outcomeOf(1) : { kind: 'success' });
          lease?.release();
        }
        // A rest and the memory of it pass.
        clock.advance(700_000);
        const uses = new Map(ids.map((id) => [id, 0]));
        for (let round = 0; round < count * 10; round++) {
          const lease = await world.lease();
          uses.set(lease?.credentialId ?? '', (uses.get(lease?.credentialId ?? '') ?? 0) + 1);
          lease?.report({ kind: 'success' });
          lease?.release();
        }
        expect([...uses.values()]).toEqual(ids.map(() => 10));
        world.store.close();
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
