import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isComposing } from './is-composing.ts';

const ROOT = join(import.meta.dirname, '..');

/** Every source of the window that hears Enter, without the tests. */
const hearsEnter = () =>
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.'))
    .filter((path) => /key [!=]== 'Enter'/.test(readFileSync(join(ROOT, path), 'utf8')));

describe('keys of an input method', () => {
  it.each([
    [true, 13, true],
    // Safari: the composition is over when its Enter is told of.
    [false, 229, true],
    [false, 13, false],
  ])('[E4-10] isComposing %s with code %i: %s', (composing, keyCode, expected) => {
    expect(isComposing({ isComposing: composing, keyCode })).toBe(expected);
  });

  it('[E4-10] nobody hears Enter who does not ask whose it is', () => {
    const paths = hearsEnter();
    expect(paths.length).toBeGreaterThan(8);
    // The one that decides by what it is given.
    const careless = paths.filter((path) => !readFileSync(join(ROOT, path), 'utf8').includes('isComposing(event'));
    expect(careless).toEqual([join('features', 'chat', 'composer-state.ts')]);
  });
});
