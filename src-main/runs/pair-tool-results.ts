import type { Message, ToolCall } from '#contract/message';

/** A call and the row that answers it. */
export interface AnsweredCall {
  call: ToolCall;
  result: Message;
}

/**
 * Which of the rows after an assistant's message answers which of its calls: by id, else in order by name (E6-04). A row
 * without an id goes by its own where it lent that to its call, as rows of the live fold do.
 *
 * @returns the answered calls in the calls' order. A call without a result and a result without a call are left out: their
 * rows are shown and not sent.
 */
export function pairToolResults(calls: readonly ToolCall[], results: readonly Message[]): AnsweredCall[] {
  const answers = new Map<ToolCall, Message>();
  const foreign: Message[] = [];
  for (const result of results) {
    const id = result.tool_call_id ?? result.id;
    const call = calls.find((one) => one.id === id && !answers.has(one));
    if (call !== undefined) answers.set(call, result);
    else if (result.tool_call_id === null) foreign.push(result);
  }
  for (const result of foreign) {
    const call = calls.find((one) => one.function.name === result.tool_name && !answers.has(one));
    if (call !== undefined) answers.set(call, result);
  }
  return calls.flatMap((call) => {
    const result = answers.get(call);
    return result === undefined ? [] : [{ call, result }];
  });
}
