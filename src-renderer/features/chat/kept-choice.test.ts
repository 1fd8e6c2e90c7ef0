import { describe, expect, it } from 'vitest';
import { keepChoice, keptChoice } from './kept-choice.ts';

function shelf(full = false): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
    removeItem: (key) => void kept.delete(key),
  };
}

describe('what is chosen for a conversation that is yet to begin', () => {
  it('[E12] comes back whole, and leaves nothing behind once it is given up', () => {
    const here = shelf();
    const choice = {
      profile: 'work',
      model: 'm',
      workspace: '/w',
      instructions: ' Be kind.\n',
      parameters: { topP: 1 },
    };
    keepChoice('a', choice, here);
    expect(keptChoice('a', here)).toEqual(choice);
    expect(keptChoice('b', here)).toBeNull();
    keepChoice('a', {}, here);
    expect(here.kept.size).toBe(0);
  });

  it('[E12] a shelf that is full costs no failure', () => {
    expect(() => keepChoice('a', { model: 'm' }, shelf(true))).not.toThrow();
  });

  it.each(['', '{', '7', 'null', '[]'])('[E12] what cannot be read, %j, is no choice and no failure', (kept) => {
    const here = shelf();
    here.kept.set('sluice.setup.a', kept);
    expect(keptChoice('a', here) ?? {}).toEqual({});
  });

  it('[E12] of what is damaged the rest is kept', () => {
    const here = shelf();
    here.kept.set('sluice.setup.a', '{"model":7,"instructions":"Be kind.","parameters":null,"evil":1}');
    expect(keptChoice('a', here)).toEqual({ instructions: 'Be kind.' });
  });
});
