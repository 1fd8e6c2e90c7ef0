/** Words at the beginning of a message that are for Sluice and not for a model (decision 20). */
export const SLASH_COMMANDS = ['compact', 'stop', 'queue', 'model', 'title', 'export'] as const;
export type SlashCommand = (typeof SLASH_COMMANDS)[number];

/**
 * Reads a command at the very beginning of a message; null for anything else. An unknown word is somebody's text, also
 * where an upstream has commands of its own.
 */
export function parseSlashCommand(text: string): { command: SlashCommand; argument: string } | null {
  const match = /^\/([a-z]+)(?:[ \t\n]+([^]*))?$/.exec(text.trimEnd());
  const command = SLASH_COMMANDS.find((known) => known === match?.[1]);
  return command === undefined ? null : { command, argument: (match?.[2] ?? '').trim() };
}
