import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comboRows } from './combo-rows.ts';

const values = (facts: Parameters<typeof comboRows>[0]) =>
  comboRows(facts).map((row) => (row.kind === 'own' ? 'own' : `${row.kind} ${row.value}`));

describe('rows of a list that is filtered by typing', () => {
  const options = ['gpt-4o', 'gpt-4o-mini', 'o4-mini', 'claude-sonnet'];

  it('with nothing typed lists all of them, those used lately first and once', () => {
    expect(values({ options, recent: ['o4-mini', 'gone'], typed: ' ' })).toEqual([
      'own',
      'recent o4-mini',
      'recent gone',
      'option gpt-4o',
      'option gpt-4o-mini',
      'option claude-sonnet',
    ]);
  });

  it('lists what fits, the best first, and then what was typed', () => {
    expect(values({ options, recent: [], typed: 'mini' })).toEqual([
      'option o4-mini',
      'option gpt-4o-mini',
      'typed mini',
    ]);
  });

  it('puts the whole name first and offers it once', () => {
    expect(values({ options, recent: ['gpt-4o-mini'], typed: 'gpt-4o' })).toEqual([
      'option gpt-4o',
      'recent gpt-4o-mini',
    ]);
  });

  it('takes what no list knows', () => {
    expect(values({ options, recent: [], typed: ' my-own ' })).toEqual(['typed my-own']);
  });

  it('never lists a value twice, and whatever was typed can be had', () => {
    const name = fc.constantFrom('a', 'ab', 'abc', 'b', 'B', 'c d');
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), name, (some, recent, typed) => {
        const rows = comboRows({ options: some, recent, typed }).flatMap((row) =>
          row.kind === 'own' ? [] : [row.value],
        );
        expect(new Set(rows).size).toBe(rows.length);
        expect(rows).toContain(typed);
      }),
    );
  });
});
