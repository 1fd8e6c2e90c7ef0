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

/** A prompt of the library, as far as the list needs it. */
export interface SlashPrompt {
  id: string;
  name: string;
  body: string;
}

/** Of the library at once; a longer list is narrowed by typing on. */
const SHOWN_PROMPTS = 6;

/** The prompts whose name holds what was typed after the slash; those that begin with it come first. */
export function matchingPrompts<Prompt extends SlashPrompt>(text: string, prompts: readonly Prompt[]): Prompt[] {
  const typed = /^\/([^\s/]*)$/u.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const place = (prompt: Prompt) => prompt.name.toLowerCase().replace(/\s/g, '').indexOf(typed);
  return prompts
    .filter((prompt) => place(prompt) >= 0)
    .sort((a, b) => Number(place(a) > 0) - Number(place(b) > 0))
    .slice(0, SHOWN_PROMPTS);
}

/** The text with the command written out, ready for what follows. */
export function writtenOut(command: SlashCommand): string {
  return `/${command.name}${command.wants ? ' ' : ''}`;
}

/** Nothing is left to complete: Enter sends it. */
export function isWhole(text: string, command: SlashCommand): boolean {
  return !command.wants && text.toLowerCase() === `/${command.name}`;
}
