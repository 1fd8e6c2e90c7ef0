import { describe, expect, it } from 'vitest';
import { areBindable, areKeptAway, COMMAND_IDS, COMMANDS, commandOfKeys, keysOf } from '#contract/commands';
import { type KeyPress, keyCaps, keyText, readKeys } from './read-keys.ts';

const press = (key: string, code: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const ctrl = { ctrlKey: true };

describe('keys', () => {
  it.each([
    ['Ctrl and a letter', press('k', 'KeyK', ctrl), false, 'Mod+K'],
    ['⌘ on macOS', press('k', 'KeyK', { metaKey: true }), true, 'Mod+K'],
    ['Control on macOS is another one', press('k', 'KeyK', ctrl), true, 'Ctrl+K'],
    ['with Shift', press('F', 'KeyF', { ...ctrl, shiftKey: true }), false, 'Mod+Shift+F'],
    ['Option writes another sign', press('˜', 'KeyN', { altKey: true }), true, 'Alt+N'],
    ['a Russian layout', press('л', 'KeyK', ctrl), false, 'Mod+K'],
    ['AZERTY: what is written counts', press('a', 'KeyQ', ctrl), false, 'Mod+A'],
    ['AZERTY: digits without Shift', press('&', 'Digit1', { altKey: true }), false, 'Alt+1'],
    ['a sign that needs Shift', press('+', 'Equal', { ...ctrl, shiftKey: true }), false, 'Mod++'],
    ['F keys', press('F6', 'F6', { shiftKey: true }), false, 'Shift+F6'],
    ['arrows', press('ArrowDown', 'ArrowDown', { altKey: true, shiftKey: true }), false, 'Alt+Shift+ARROWDOWN'],
  ])('[E12] %s', (_what, pressed, isMac, keys) => {
    expect(readKeys(pressed, isMac)).toBe(keys);
  });

  it.each(['Control', 'Shift', 'Alt', 'Meta', 'Dead', 'Process'])('[E12] %s alone is no key', (key) => {
    expect(readKeys(press(key, ''), false)).toBeNull();
  });

  it('[E12] caps are those of the system', () => {
    expect(keyCaps('Mod+Shift+F', false)).toEqual(['Ctrl', 'Shift', 'F']);
    expect(keyCaps('Mod+Shift+F', true)).toEqual(['⌘', '⇧', 'F']);
    expect(keyCaps('Mod++', false)).toEqual(['Ctrl', '+']);
    expect(keyCaps('Alt+ARROWUP', false)).toEqual(['Alt', '↑']);
    expect(keyCaps('DELETE', false)).toEqual(['Del']);
    expect(keyCaps('DELETE', true)).toEqual(['⌦']);
  });

  it.each([
    ['Mod+ENTER', 'Ctrl Enter', '⌘ Enter'],
    ['Mod+Shift+V', 'Ctrl Shift V', '⌘ ⇧ V'],
    ['Mod+Shift+Space', 'Ctrl Shift Space', '⌘ ⇧ Space'],
    ['Alt+Space', 'Alt Space', '⌥ Space'],
  ])('[E12] within a sentence %s reads %j, and %j on macOS', (keys, elsewhere, mac) => {
    expect([keyText(keys, false), keyText(keys, true)]).toEqual([elsewhere, mac]);
  });
});

describe('bindings', () => {
  it.each(['window', 'browser'] as const)('[E12] no two commands come with the same keys (%s)', (place) => {
    for (const id of COMMAND_IDS) {
      const keys = keysOf(id, {}, place);
      if (keys !== null) expect(commandOfKeys(keys, {}, place, id), `${id}: ${keys}`).toBeNull();
    }
  });

  it('[E12] every key that a command comes with could be bound by hand', () => {
    for (const id of COMMAND_IDS) {
      for (const keys of [COMMANDS[id].keys, COMMANDS[id].browserKeys]) {
        if (keys != null) expect(areBindable(keys), `${id}: ${keys}`).toBe(true);
      }
    }
  });

  it.each([
    'ENTER',
    'Mod+ENTER',
    'ESCAPE',
    'A',
    'Shift+A',
    'Mod+C',
    'Mod+Z',
    'Alt+ARROWUP',
    'TAB',
    'Mod+TAB',
    'Mod+',
    '',
  ])('[E12] %j belongs to writing and cannot be bound', (keys) => {
    expect(areBindable(keys)).toBe(false);
  });

  it.each(['Mod+W', 'Mod+T', 'Mod+Shift+N', 'Mod+1'])('[E12] %s is the browser’s own, and free in a window', (keys) => {
    expect(areKeptAway(keys, 'browser')).toBe(true);
    expect(areKeptAway(keys, 'window')).toBe(false);
    expect(areBindable(keys)).toBe(true);
  });

  it('[E12] no command comes with keys that a browser keeps', () => {
    for (const id of COMMAND_IDS) {
      const keys = keysOf(id, {}, 'browser');
      if (keys !== null) expect(areKeptAway(keys, 'browser'), id).toBe(false);
    }
  });

  it('[E12] what a person chose goes before what a command comes with, and null is no keys', () => {
    const chosen = { newChat: 'Mod+J', showPalette: null };
    expect(keysOf('newChat', chosen, 'browser')).toBe('Mod+J');
    expect(keysOf('showPalette', chosen, 'window')).toBeNull();
    expect(commandOfKeys('Mod+K', chosen, 'window')).toBeNull();
    expect(commandOfKeys('Mod+J', chosen, 'window')).toBe('newChat');
  });
});
