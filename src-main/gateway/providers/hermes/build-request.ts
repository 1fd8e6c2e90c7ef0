import { fitParameters } from '../../fit-parameters.ts';
import type { HistoryMessage, UpstreamRequest } from '../../upstream-adapter.ts';
import { textOfContent } from '../../user-content.ts';

const SESSION_PREFIX = 'sluice_';

/** The throw-away session of a run at the agent. */
export function sessionIdOf(runId: string): string {
  return `${SESSION_PREFIX}${runId}`;
}

/** Whether a session at the agent is one of ours; no other is ever deleted. */
export function isOwnSession(sessionId: string): boolean {
  return sessionId.startsWith(SESSION_PREFIX);
}

/**
 * The body of `POST /v1/runs`. The history is ours and explicit, and the session a throw-away of this run: the upstream
 * is never to load a transcript of its own beside it (E9-05).
 */
export function buildHermesRequest(request: UpstreamRequest): Record<string, unknown> {
  const { reasoningEffort: effort } = fitParameters('hermes', request.model, request.parameters).sent;
  return {
    input: textOfContent(request.input),
    session_id: sessionIdOf(request.runId),
    conversation_history: request.history.flatMap(toHermesHistory),
    ...(request.instructions === null || request.instructions === '' ? {} : { instructions: request.instructions }),
    ...(request.model === null ? {} : { model: request.model }),
    ...(request.provider == null ? {} : { provider: request.provider }),
    ...(effort === undefined ? {} : { model_options: { reasoning_effort: effort } }),
  };
}

/** `/v1/runs` keeps role and text of a history and nothing else (BUG-B2), so tool results travel as text. */
export function toHermesHistory(message: HistoryMessage): { role: 'user' | 'assistant'; content: string }[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: textOfContent(message) }];
    case 'assistant':
      // A turn that only called tools has no text; providers behind the agent refuse an empty message.
      return message.content.trim() === '' ? [] : [{ role: 'assistant', content: message.content }];
    case 'tool':
      return [{ role: 'user', content: `[Tool result: ${message.toolName}]\n${message.content}` }];
  }
}
