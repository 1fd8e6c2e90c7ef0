import { describe, expect, it } from 'vitest';
import {
  ACTOR_EVENTS,
  ACTOR_STATES,
  type ActorEvent,
  type ActorState,
  type Strategy,
  strategyWhileBusy,
  transition,
} from './run-machine.ts';

const REFUSED = 'refused';

/** Every pair, written out: a change of the machine has to be a change of this table. */
const TABLE: Record<ActorState, Record<ActorEvent, string>> = {
  idle: {
    submit: 'preparing/start',
    compress: REFUSED,
    compressed: REFUSED,
    prepared: REFUSED,
    accepted: REFUSED,
    ended: REFUSED,
    abort: 'idle/ignore-stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  preparing: {
    submit: 'preparing/enqueue',
    compress: 'compressing/none',
    compressed: REFUSED,
    prepared: 'starting/none',
    accepted: REFUSED,
    ended: 'settling/settle',
    abort: 'aborting/stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  compressing: {
    submit: 'compressing/enqueue',
    compress: REFUSED,
    compressed: 'preparing/none',
    prepared: REFUSED,
    accepted: REFUSED,
    ended: 'settling/settle',
    abort: 'aborting/stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  starting: {
    submit: 'starting/enqueue',
    compress: REFUSED,
    compressed: REFUSED,
    prepared: REFUSED,
    accepted: 'running/none',
    ended: 'settling/settle',
    abort: 'aborting/stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  running: {
    submit: 'running/enqueue',
    compress: REFUSED,
    compressed: REFUSED,
    prepared: REFUSED,
    accepted: REFUSED,
    ended: 'settling/settle',
    abort: 'aborting/stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  aborting: {
    submit: 'aborting/enqueue',
    compress: 'aborting/none',
    compressed: 'aborting/none',
    prepared: 'aborting/none',
    accepted: 'aborting/none',
    ended: 'settling/settle',
    abort: 'aborting/join-stop',
    'settled-next': REFUSED,
    'settled-idle': REFUSED,
  },
  settling: {
    submit: 'settling/enqueue',
    compress: REFUSED,
    compressed: REFUSED,
    prepared: REFUSED,
    accepted: REFUSED,
    ended: REFUSED,
    abort: 'settling/ignore-stop',
    'settled-next': 'preparing/start',
    'settled-idle': 'idle/none',
  },
};

describe('the run machine', () => {
  for (const state of ACTOR_STATES) {
    for (const event of ACTOR_EVENTS) {
      it(`[E2-02] ${event} in ${state} is ${TABLE[state][event]}`, () => {
        const decided = transition(state, event);
        expect(decided.ok ? `${decided.state}/${decided.action}` : REFUSED).toBe(TABLE[state][event]);
      });
    }
  }

  it('[E3-01] [E3-09] a message in any state but idle is queued and changes no state', () => {
    for (const state of ACTOR_STATES) {
      if (state === 'idle') continue;
      expect(transition(state, 'submit')).toEqual({ ok: true, state, action: 'enqueue' });
    }
  });

  it('[E4-01] [BUG-A3] a stop is legal in every state', () => {
    for (const state of ACTOR_STATES) expect(transition(state, 'abort').ok).toBe(true);
  });
});

describe('[E3-01] what a message does while a run is live', () => {
  // As a message of its own, and as another version of an earlier one.
  const TABLE: Record<Strategy, [string, string]> = {
    enqueue: ['enqueue', 'interrupt'],
    steer: ['enqueue', 'interrupt'],
    interrupt: ['interrupt', 'interrupt'],
    reject: ['reject', 'reject'],
    rollback: ['rollback', 'rollback'],
  };
  it.each(Object.keys(TABLE) as Strategy[])('%s', (wish) => {
    expect([strategyWhileBusy(wish, false), strategyWhileBusy(wish, true)]).toEqual(TABLE[wish]);
  });
});
