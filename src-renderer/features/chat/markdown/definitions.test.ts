import type { Token } from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { Definitions } from './definitions.ts';

const defines = (label: string) => [{ type: 'reference_definition', meta: { label } } as unknown as Token];
const at = (label: string, href: string) => ({ [label]: { href, title: '' } });
const upper = () => new Definitions((label) => label.trim().toUpperCase());

describe('names that settled text uses', () => {
  it('are stale once one is defined that nothing was known by, and not before', () => {
    const definitions = upper();
    definitions.noteUses('see [ later ] and [never]');
    definitions.keep(defines('OTHER'), at('OTHER', 'a'));
    expect([definitions.isStale, definitions.hasUnknown]).toEqual([false, true]);
    definitions.keep(defines('LATER'), at('LATER', 'b'));
    expect(definitions.isStale).toBe(true);
  });

  it('are not stale where the definition came first, and the first one of a name stands', () => {
    const definitions = upper();
    definitions.keep(defines('NAME'), at('NAME', 'first'));
    definitions.noteUses('see [name]');
    definitions.keep(defines('NAME'), at('NAME', 'second'));
    expect(definitions.isStale).toBe(false);
    expect(definitions.known['NAME']).toMatchObject({ href: 'first' });
  });

  it('what is known outlives a new reading, and what was missing is forgotten with the old one', () => {
    const definitions = upper();
    definitions.noteUses('[late]');
    definitions.keep(defines('LATE'), at('LATE', 'a'));
    definitions.restart();
    expect([definitions.isStale, definitions.hasUnknown]).toEqual([false, false]);
    expect(definitions.known).toHaveProperty('LATE');
  });
});

it('a part that is not settled sees what is known, and what it defines stays with it', () => {
  const definitions = upper();
  definitions.keep(defines('KNOWN'), at('KNOWN', 'a'));
  const draft = definitions.draft();
  Object.assign(draft, at('HALF', 'b'));
  expect(draft['KNOWN']).toMatchObject({ href: 'a' });
  expect(definitions.known).not.toHaveProperty('HALF');
});

it('a name like one of an object’s own is a name like any other', () => {
  const definitions = new Definitions((label) => label);
  definitions.noteUses('[constructor]');
  expect(definitions.hasUnknown).toBe(true);
});
