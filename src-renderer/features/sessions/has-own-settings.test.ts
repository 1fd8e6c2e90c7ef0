import { describe, expect, it } from 'vitest';
import { hasOwnSettings } from './has-own-settings.ts';

describe('settings of a conversation’s own', () => {
  it.each([
    [undefined, false],
    [{}, false],
    [{ workspace: null, instructions: null, parameters: {} }, false],
    [{ workspace: '', instructions: '' }, false],
    [{ workspace: '/w' }, true],
    [{ instructions: 'Be kind.' }, true],
    [{ parameters: { temperature: 0 } }, true],
  ])('[E6-10] %j: %j', (settings, expected) => {
    expect(hasOwnSettings(settings)).toBe(expected);
  });
});
