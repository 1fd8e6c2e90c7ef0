import { describe, expect, it } from 'vitest';
import { sessionFact } from './session-fact.ts';

describe('fact beside a conversation', () => {
  it.each([
    ['idle', 'success', null],
    ['idle', null, null],
    ['idle', 'cancelled', 'stopped'],
    ['idle', 'error', 'failed'],
    ['idle', 'timeout', 'failed'],
    ['idle', 'interrupted', 'interrupted'],
    ['waiting', 'error', 'needs'],
    ['aborting', null, 'stopping'],
    ['preparing', 'error', 'writing'],
    ['running', null, 'writing'],
  ] as const)('%s after %s reads %s', (state, lastStatus, fact) => {
    expect(sessionFact({ state, lastStatus, wasStopped: false })).toBe(fact);
  });

  it('what somebody stopped does not read as interrupted', () => {
    expect(sessionFact({ state: 'idle', lastStatus: 'interrupted', wasStopped: true })).toBe('stopped');
  });
});
