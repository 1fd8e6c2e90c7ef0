import { describe, expect, it } from 'vitest';
import { removalPlan, returnPlan } from './undo-plan.ts';

describe('undo of a removal', () => {
  it.each(['restart', 'failure', 'user'] as const)(
    '[E3-06] in a queue that stands still (%s) the core is told when it is too late to undo',
    (paused) => {
      expect(removalPlan({ paused, running: false })).toBe('hold');
      expect(removalPlan({ paused, running: true })).toBe('hold');
    },
  );

  it('[E3-06] in a queue that moves a removed message is gone before it can be sent', () => {
    expect(removalPlan({ paused: null, running: true })).toBe('now');
  });

  it('[E3-06] bringing a message back never sends it against a pause', () => {
    expect(returnPlan({ paused: null, running: true })).toBe('queue');
    expect(returnPlan({ paused: 'user', running: true })).toBe('queue');
    expect(returnPlan({ paused: 'failure', running: false })).toBe('compose');
  });
});
