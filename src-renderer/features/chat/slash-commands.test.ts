import { describe, expect, it } from 'vitest';
import { isWhole, matchingCommands, SLASH_COMMANDS, writtenOut } from './slash-commands.ts';

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
});
