import { expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { PoolAnnouncer } from './pool-announcer.ts';

it('[E10-24] changes of keys are told together, a suspicion of abuse at once', () => {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const announcer = new PoolAnnouncer({ announce: (_event, payload) => void told.push(payload) }, clock);
  for (let times = 0; times < 100; times++) announcer.heard({ kind: 'changed', credentialId: 'a' });
  announcer.heard({ kind: 'flagged', credentialId: 'b' });
  expect(told).toEqual([{ kind: 'flagged', credential_id: 'b' }]);
  clock.advance(250);
  announcer.heard({ kind: 'changed', credentialId: 'a' });
  announcer.heard({ kind: 'changed', credentialId: 'b' });
  clock.advance(250);
  clock.advance(1000);
  expect(told.slice(1)).toEqual([
    { kind: 'changed', credential_id: 'a' },
    { kind: 'changed', credential_id: null },
  ]);
});
