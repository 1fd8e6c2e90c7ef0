import { SLASH_COMMANDS as NAMES, type SlashCommand as Name } from '#contract/slash-commands';

/** A command of the conversation, typed at the start of a message; the core carries it out. */
export interface SlashCommand {
  name: Name;
  /** Something has to follow it. */
  wants: boolean;
}

/** Those that something follows, or may follow. */
const WITH_ARGUMENT: ReadonlySet<Name> = new Set<Name>(['queue', 'model', 'title']);

export const SLASH_COMMANDS: readonly SlashCommand[] = NAMES.map((name) => ({ name, wants: WITH_ARGUMENT.has(name) }));

/** The commands that the text may become: only while it is one word that starts with a slash. */
export function matchingCommands(text: string): readonly SlashCommand[] {
  const typed = /^\/([a-z]*)$/i.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  return SLASH_COMMANDS.filter((command) => command.name.startsWith(typed));
}

/** The text with the command written out, ready for what follows. */
export function writtenOut(command: SlashCommand): string {
  return `/${command.name}${command.wants ? ' ' : ''}`;
}

/** Nothing is left to complete: Enter sends it. */
export function isWhole(text: string, command: SlashCommand): boolean {
  return !command.wants && text.toLowerCase() === `/${command.name}`;
}
