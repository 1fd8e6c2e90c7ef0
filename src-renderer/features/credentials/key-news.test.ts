import { expect, test } from 'vitest';
import { keyNews } from './key-news.ts';
import { keyRecord } from './testing/key-record.ts';

const NOW_MS = 1_800_000_000_000;
const rests = [
  {
    model: null,
    kind: 'rate_limit' as const,
    source: 'policy' as const,
    reason: '',
    fromMs: NOW_MS,
    untilMs: NOW_MS + 5000,
  },
];

test('[E10-23] a change of state is said once, being used is not, and countdowns never', () => {
  const free = keyRecord();
  const used = keyRecord({ inFlight: 1 });
  const cooling = keyRecord({ state: 'cooling', rests });
  const longer = keyRecord({ state: 'cooling', rests: rests.map((rest) => ({ ...rest, untilMs: NOW_MS + 9000 })) });
  const told = (before: typeof free, after: typeof free) =>
    keyNews([before], [after], [], NOW_MS).map(({ label, description }) => [label, description.look]);
  expect(told(free, used)).toEqual([]);
  expect(told(used, cooling)).toEqual([['Work', 'cooling']]);
  expect(told(cooling, longer)).toEqual([]);
  expect(told(cooling, free)).toEqual([['Work', 'ready']]);
  expect(keyNews([], [cooling], [], NOW_MS)).toEqual([]);
});
