import { describe, expect, it } from 'vitest';
import { keyNames } from './key-names.ts';

describe('keys in the settings', () => {
  it.each([
    ['CommandOrControl+Shift+Space', '⌘ ⇧ Space', 'Ctrl + Shift + Space'],
    ['Alt+Space', '⌥ Space', 'Alt + Space'],
  ])('[E12] %s reads %j on macOS and %j elsewhere', (keys, mac, other) => {
    expect([keyNames(keys, true), keyNames(keys, false)]).toEqual([mac, other]);
  });
});
