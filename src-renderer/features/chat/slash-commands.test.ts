import { describe, expect, it } from 'vitest';
import { isWhole, matchingCommands, matchingPrompts, SLASH_COMMANDS, writtenOut } from './slash-commands.ts';

const names = (text: string) => matchingCommands(text).map((command) => command.name);

describe('slash commands', () => {
  it.each([
    ['/', ['compact', 'stop', 'queue', 'model', 'title', 'export']],
    ['/T', ['title']],
    ['/stop', ['stop']],
    // What is not offered is text, and so is a slash in the middle of it.
    ['/tools', []],
    ['/title Something', []],
    ['and/or', []],
    [' /', []],
    ['', []],
  ] as const)('[decision 20] “%s” may become %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('[decision 20] a command that wants something is never sent bare by the Enter that completes it', () => {
    for (const command of SLASH_COMMANDS) {
      expect(isWhole(`/${command.name}`, command)).toBe(!command.wants);
      expect(writtenOut(command).endsWith(' ')).toBe(command.wants);
    }
  });

  it.each([
    ['/', ['Translate', 'A translation of mine', '会议纪要']],
    ['/tran', ['Translate', 'A translation of mine']],
    ['/atrans', ['A translation of mine']],
    ['/会议', ['会议纪要']],
    ['/tran slate', []],
    ['/usr/bin', []],
    ['tran', []],
  ])('[E12] “%s” offers the prompts %j', (text, expected) => {
    const library = ['A translation of mine', 'Translate', '会议纪要'].map((name) => ({ id: name, name, body: '' }));
    const offered = matchingPrompts(text, library).map((prompt) => prompt.name);
    expect(text === '/' ? [...offered].sort() : offered).toEqual(text === '/' ? [...expected].sort() : expected);
  });
});
