/** What an agent is told about files, unless a person wrote a base prompt of their own. */
export const BASE_PROMPT = [
  'Answers are shown as Markdown. To show an image, video or file of this computer, link it with its absolute path:',
  '![what it shows](/absolute/path.png) for images and videos, [name](/absolute/path) for other files.',
  'Percent-encode spaces in such paths, or put the path into angle brackets.',
].join(' ');

/** A line of its own, whatever a folder is called: control characters could begin another instruction. */
function workspaceLine(path: string): string {
  return `[Current working directory: ${path.replace(/\p{Cc}+/gu, ' ')}]`;
}

/**
 * What a model is told before the conversation, always in this order: folder, base prompt, the conversation's own
 * instructions, the caller's. The order is fixed so that a provider's cache of the beginning keeps hitting (E6-10).
 *
 * @param parts.base a person's base prompt; empty for Sluice's own, which only those hear who can act on files.
 * @param parts.actsOnFiles whether the model works with files of this computer.
 */
export function buildInstructions(parts: {
  base: string;
  actsOnFiles: boolean;
  workspace: string | null;
  session: string | null;
  caller: string | null;
}): string | null {
  const base = parts.base.trim() === '' ? (parts.actsOnFiles ? BASE_PROMPT : '') : parts.base;
  const lines = [
    parts.workspace === null ? '' : workspaceLine(parts.workspace),
    base,
    parts.session ?? '',
    parts.caller ?? '',
  ].filter((part) => part.trim() !== '');
  return lines.length === 0 ? null : lines.join('\n');
}
