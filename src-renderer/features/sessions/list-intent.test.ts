import { describe, expect, it } from 'vitest';
import { listIntent, rowAfter } from './list-intent.ts';

const PLAIN = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('keys in the list of conversations', () => {
  it.each([
    ['ArrowDown', 'next'],
    ['ArrowUp', 'previous'],
    ['Home', 'first'],
    ['End', 'last'],
    ['F2', 'rename'],
    ['Delete', 'delete'],
    ['Backspace', null],
    ['Enter', null],
    ['a', null],
  ] as const)('[E8-28] %s means %s', (key, intent) => {
    expect(listIntent({ ...PLAIN, key }, false)).toBe(intent);
  });

  it('[E8-28] a Mac has one key that deletes, and it is Backspace', () => {
    expect(listIntent({ ...PLAIN, key: 'Backspace' }, true)).toBe('delete');
    expect(listIntent({ ...PLAIN, key: 'Delete' }, true)).toBe('delete');
  });

  it.each(['ctrlKey', 'metaKey', 'altKey', 'shiftKey'] as const)(
    '[E8-28] with %s it is another command',
    (modifier) => {
      for (const key of ['Delete', 'Backspace', 'ArrowUp', 'F2'])
        expect(listIntent({ ...PLAIN, key, [modifier]: true }, true)).toBeNull();
    },
  );

  it.each([
    ['next', 0, 3, 1],
    ['next', 2, 3, 2],
    ['next', -1, 3, 0],
    ['previous', 2, 3, 1],
    ['previous', 0, 3, 0],
    ['previous', -1, 3, 0],
    ['first', 2, 3, 0],
    ['last', 0, 3, 2],
  ] as const)('[E8-28] %s from row %i of %i leads to %i', (intent, at, count, row) => {
    expect(rowAfter(intent, at, count)).toBe(row);
  });
});
