import type { Usage } from '#contract/events';
import type { JsonObject } from '../../json.ts';
import type { Finish } from '../neutral-reply.ts';
import type { ToolChoice } from '../neutral-request.ts';
import type { ReplyContext } from '../reply-context.ts';
import { INCOMPLETE_REASONS } from './finish.ts';
import { writeResponsesUsage } from './usage.ts';

export interface ResponseHead {
  id: string;
  model: string;
  createdS: number;
}

/**
 * The object around an answer's items. It repeats the small settings of the request; instructions and tools, which would be
 * sent three times in a stream, it does not.
 */
function responseObject(head: ResponseHead, { echo, previousId }: ReplyContext, fields: JsonObject): JsonObject {
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdS,
    status: 'in_progress',
    access_programs: null,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: echo.maxTokens,
    metadata: echo.metadata ?? {},
    model: head.model,
    output: [],
    parallel_tool_calls: echo.parallelCalls ?? true,
    previous_response_id: previousId,
    reasoning: { effort: echo.effort, summary: null },
    store: false,
    temperature: echo.temperature,
    tool_choice: writeChoice(echo.toolChoice),
    tools: [],
    top_p: echo.topP,
    truncation: 'disabled',
    usage: null,
    user: echo.user,
    ...fields,
  };
}

export function responseInProgress(head: ResponseHead, context: ReplyContext): JsonObject {
  return responseObject(head, context, {});
}

/** The answer at its end: complete, or incomplete with the reason. */
export function responseAtEnd(
  head: ResponseHead,
  context: ReplyContext,
  end: { output: JsonObject[]; finish: Finish; usage: Usage | null },
): JsonObject {
  const reason = INCOMPLETE_REASONS[end.finish];
  return responseObject(head, context, {
    status: reason === null ? 'completed' : 'incomplete',
    incomplete_details: reason === null ? null : { reason },
    output: end.output,
    usage: writeResponsesUsage(end.usage),
  });
}

/** With the items that were whole; what it failed of is said by who tells the error. */
export function responseFailed(head: ResponseHead, context: ReplyContext, output: JsonObject[]): JsonObject {
  return responseObject(head, context, { status: 'failed', output });
}

function writeChoice(choice: ToolChoice | null): unknown {
  if (choice === null) return 'auto';
  switch (choice.kind) {
    case 'tool':
      return { type: 'function', name: choice.name };
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map((name) => ({ type: 'function', name })),
      };
    default:
      return choice.kind;
  }
}
