import { describe, expect, it } from 'vitest';
import { checkAlias, readTarget, withAlias, withoutAlias } from './check-alias.ts';

const known = { aliases: { fast: 'work/small' }, profiles: ['work', 'demo'], before: null };

describe('[E11-05] names of a person’s own for models', () => {
  it.each([
    [
      { name: ' ', target: 'm' },
      { field: 'name', reason: 'empty' },
    ],
    [
      { name: 'x'.repeat(201), target: 'm' },
      { field: 'name', reason: 'tooLong' },
    ],
    [
      { name: 'fast', target: 'm' },
      { field: 'name', reason: 'taken' },
    ],
    [
      { name: 'work/other', target: 'm' },
      { field: 'name', reason: 'isProfile' },
    ],
    [
      { name: 'a', target: '' },
      { field: 'target', reason: 'empty' },
    ],
    [
      { name: 'a', target: 'm'.repeat(401) },
      { field: 'target', reason: 'tooLong' },
    ],
    [
      { name: 'a', target: 'a' },
      { field: 'target', reason: 'isItself' },
    ],
    // The core reads what an alias stands for as no alias again.
    [
      { name: 'a', target: 'fast' },
      { field: 'target', reason: 'isAlias' },
    ],
    [{ name: 'meta-llama/llama-4', target: 'work/m' }, null],
    [{ name: 'toString', target: 'constructor' }, null],
  ])('%j: %j', (alias, problem) => {
    expect(checkAlias(alias, known)).toEqual(problem);
  });

  it('the one that is being changed may keep its name', () => {
    expect(checkAlias({ name: 'fast', target: 'm' }, { ...known, before: 'fast' })).toBeNull();
  });

  it('a change keeps the order, and nothing else is touched', () => {
    const aliases = { a: '1', b: '2', c: '3' };
    expect(Object.entries(withAlias(aliases, { name: ' d ', target: ' 4 ' }, 'b'))).toEqual([
      ['a', '1'],
      ['d', '4'],
      ['c', '3'],
    ]);
    expect(withAlias(aliases, { name: 'd', target: '4' }, null)).toEqual({ ...aliases, d: '4' });
    expect(withoutAlias(aliases, 'b')).toEqual({ a: '1', c: '3' });
  });

  it('a slash counts only behind the name of a profile', () => {
    expect(readTarget('work/m/x', ['work'])).toEqual({ profile: 'work', model: 'm/x' });
    expect(readTarget('meta-llama/llama-4', ['work'])).toEqual({ profile: null, model: 'meta-llama/llama-4' });
  });
});
