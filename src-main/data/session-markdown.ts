import type { Message } from '#contract/message';

function fence(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (match) => match[0].length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}\n${text}\n${ticks}`;
}

/** What of a message a reader sees. */
export type ReadableMessage = Pick<Message, 'role' | 'content' | 'reasoning' | 'tool_name' | 'tool_arguments'>;

function section(message: ReadableMessage): string {
  switch (message.role) {
    case 'user':
      return `## You\n\n${message.content}`;
    case 'assistant': {
      const thought = message.reasoning === null ? '' : `> ${message.reasoning.replace(/\n/g, '\n> ')}\n\n`;
      return `## Answer\n\n${thought}${message.content}`;
    }
    case 'tool':
      return `### Tool: ${message.tool_name ?? 'unnamed'}\n\n${fence(message.tool_arguments ?? '')}\n\n${fence(message.content)}`;
    case 'system':
      return `## System\n\n${message.content}`;
  }
}

/** A conversation for people and other programs to read. */
export function toMarkdown(title: string, messages: readonly ReadableMessage[]): string {
  return `# ${title}\n\n${messages.map(section).join('\n\n')}\n`;
}
