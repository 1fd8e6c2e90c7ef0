import type { ContentBlock } from '#contract/message';
import type { HistoryMessage, UpstreamRequest } from '../../upstream-adapter.ts';

/**
 * The body of `POST /v1/runs`. The history is ours and explicit, and the session a throw-away of this run: the upstream
 * is never to load a transcript of its own beside it (E9-05).
 */
export function buildHermesRequest(request: UpstreamRequest): Record<string, unknown> {
  return {
    input: textOfInput(request.input.content, request.input.blocks),
    session_id: `sluice_${request.runId}`,
    conversation_history: request.history.flatMap(toWire),
    ...(request.instructions === null || request.instructions === '' ? {} : { instructions: request.instructions }),
    ...(request.model === null ? {} : { model: request.model }),
    ...(request.reasoningEffort === null ? {} : { model_options: { reasoning_effort: request.reasoningEffort } }),
  };
}

/** `/v1/runs` keeps role and text of a history and nothing else (BUG-B2), so tool results travel as text. */
function toWire(message: HistoryMessage): { role: 'user' | 'assistant'; content: string }[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: textOfInput(message.content, message.blocks) }];
    case 'assistant':
      // A turn that only called tools has no text; providers behind the agent refuse an empty message.
      return message.content.trim() === '' ? [] : [{ role: 'assistant', content: message.content }];
    case 'tool':
      return [{ role: 'user', content: `[Tool result: ${message.toolName}]\n${message.content}` }];
  }
}

/** An agent has tools for files, so an attachment is named by its path. */
function textOfInput(content: string, blocks: ContentBlock[] | null): string {
  if (blocks === null) return content;
  return blocks
    .map((block) => {
      switch (block.type) {
        case 'text':
          return block.text;
        case 'image':
          return `[Image: ${block.path}]`;
        case 'file':
          return `[File: ${block.path}]`;
      }
    })
    .join('\n');
}
