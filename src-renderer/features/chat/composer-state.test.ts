import { describe, expect, it } from 'vitest';
import type { RunState } from '#contract/records';
import { composerState, type Key, keyIntent } from './composer-state.ts';

const RUN_STATES: RunState[] = ['preparing', 'compressing', 'starting', 'running', 'waiting', 'aborting', 'settling'];
const RUN = 'run-1';

const key = (name: string, change: Partial<Key> = {}): Key => ({
  key: name,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  ...change,
});

describe('composer state', () => {
  it('[E4-10] idle offers Send and nothing else', () => {
    expect(composerState(null, undefined)).toEqual({
      mode: 'idle',
      buttons: ['send'],
      stopping: false,
      unconfirmed: false,
    });
  });

  it.each(RUN_STATES)('[E4-10] %s offers Stop, Interrupt and send, Queue, always in this order', (state) => {
    const { mode, buttons } = composerState({ runId: RUN, state }, undefined);
    expect(mode).toBe('running');
    expect(buttons).toEqual(['stop', 'interrupt', 'queue']);
  });

  it('[E4-10] Stop reads Stopping from the press to the terminal event', () => {
    const pressed = composerState({ runId: RUN, state: 'running' }, { runId: RUN, released: false });
    expect(pressed.stopping).toBe(true);
    expect(composerState({ runId: RUN, state: 'aborting' }, undefined).stopping).toBe(true);
    expect(composerState(null, { runId: RUN, released: false }).mode).toBe('idle');
  });

  it('[E4-09] a stop that was not confirmed in time can be pressed again', () => {
    const state = composerState({ runId: RUN, state: 'aborting' }, { runId: RUN, released: true });
    expect(state.stopping).toBe(false);
    expect(state.unconfirmed).toBe(true);
  });

  it('[E4-08] a stop of the run before says nothing about the run after', () => {
    const state = composerState({ runId: 'run-2', state: 'running' }, { runId: RUN, released: false });
    expect(state.stopping).toBe(false);
  });
});

describe('keys of the composer', () => {
  it.each([
    ['Enter', 'idle', {}, 'send'],
    ['Enter', 'running', {}, 'queue'],
    ['Enter', 'running', { ctrlKey: true }, 'interrupt'],
    ['Enter', 'running', { metaKey: true }, 'interrupt'],
    ['Enter', 'idle', { ctrlKey: true }, 'send'],
    ['Enter', 'idle', { shiftKey: true }, null],
    ['Enter', 'running', { shiftKey: true }, null],
    ['Escape', 'running', {}, 'stop'],
    ['Escape', 'idle', {}, null],
    ['a', 'running', {}, null],
    // The Enter that takes a suggestion of an input method must not send half a sentence.
    ['Enter', 'idle', { isComposing: true }, null],
    ['Escape', 'running', { isComposing: true }, null],
  ] as const)('[E4-10] %s while %s with %o means %s', (name, mode, change, intent) => {
    expect(keyIntent(key(name, change), mode)).toBe(intent);
  });
});
