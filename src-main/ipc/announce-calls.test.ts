import { expect, it } from 'vitest';
import type { ApiCallRecord } from '#contract/programs';
import { RecentCalls } from '../api/model-api/recent-calls.ts';
import { AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { announceCalls } from './announce-calls.ts';

interface News {
  calls: ApiCallRecord[];
  oldest: number;
}

function setUp() {
  const clock = new ManualClock();
  const recent = new RecentCalls({
    clock,
    labelOf: (id) => `key ${id}`,
    scrub: (text) => text.replaceAll('sk-secret', '•••'),
  });
  const told: News[] = [];
  announceCalls(recent, { announce: (_event, payload) => void told.push(structuredClone(payload) as News) }, clock);
  const begin = (id: string) => recent.begin({ id, client: 'a program', path: '/v1/messages' });
  return { clock, recent, told, begin };
}

it('[E11-01] thousands of calls a second are a few messages a second, each with no more than what is remembered', () => {
  const { clock, told, begin } = setUp();
  for (let ms = 0; ms < 2000; ms++) {
    for (let each = 0; each < 3; each++) {
      const call = begin(`${ms} ${each}`);
      call.answering();
      call.end('completed', 200);
    }
    clock.advance(1);
  }
  clock.advance(1000);
  expect(told).toHaveLength(5);
  expect(Math.max(...told.map(({ calls }) => calls.length))).toBeLessThanOrEqual(200);
  const last = told.at(-1);
  expect(last?.calls.at(-1)).toMatchObject({ id: '1999 2', place: 6000, outcome: 'completed' });
  expect(last?.oldest).toBe(5801);
});

it('[E11-01] a call is told when it begins and when it ends, and only then; what is told does not change afterwards', () => {
  const { clock, told, begin } = setUp();
  const first = begin('one');
  clock.advance(400);
  first.answering();
  first.end('completed', 200);
  begin('two');
  clock.advance(400);
  clock.advance(10_000);
  expect(told.map(({ calls }) => calls.map(({ id, outcome }) => [id, outcome]))).toEqual([
    [['one', 'running']],
    [
      ['one', 'completed'],
      ['two', 'running'],
    ],
  ]);
  const revisions = told.flatMap(({ calls }) => calls.map(({ revision }) => revision));
  expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
});

it('[E11-06] which keys were tried and why is remembered, in words without a key', async () => {
  const { recent, begin } = setUp();
  const heard: string[] = [];
  const notices = recent.watched('one', {
    sending: async () => void heard.push('sending'),
    notAccepted: () => void heard.push('notAccepted'),
  });
  const call = begin('one');
  const attempt = (number: number) => ({ attempt: number, credentialId: String(number), model: null });
  await notices.sending(attempt(1));
  notices.notAccepted(attempt(1), new AppFailure('upstream_rate_limited', 'Too many requests for sk-secret.'));
  // It waited for a key and was stopped: that is no attempt.
  await notices.sending(attempt(2));
  notices.notAccepted(attempt(2), null);
  await notices.sending(attempt(3));
  call.end('failed', 502, new AppFailure('upstream_lost', 'The connection of sk-secret broke.'));
  expect(recent.list()[0]).toMatchObject({
    attempts: [
      { credential: 'key 1', failure: 'Too many requests for •••.' },
      { credential: 'key 3', failure: null },
    ],
    credential: 'key 3',
    failure: 'The connection of ••• broke.',
  });
  expect(heard).toEqual(['sending', 'notAccepted', 'sending', 'notAccepted', 'sending']);
});

it('[E1-08] who came without a key is told as a number, however many there are', () => {
  const { clock, told, recent, begin } = setUp();
  begin('one');
  for (let each = 0; each < 5000; each++) recent.turnAway();
  clock.advance(400);
  clock.advance(10_000);
  expect(told).toMatchObject([{ calls: [{ id: 'one' }], turnedAway: { count: 5000 } }]);
});
