import { cutText, type Message } from '#contract/message';
import { readCalls } from './read-calls.ts';
import { shortenMiddle } from './shorten-text.ts';

const TOOL_CHARS = 100;
const ARGUMENT_CHARS = 100;
/** Arguments of fewer characters cost less than the words that would replace them. */
const SHORT_ARGUMENT_CHARS = 200;

/** A tool's output as `[name] first 100 characters…`; null where that would not be shorter. */
export function shortenOutput(row: Message): Message | null {
  if (row.role !== 'tool') return null;
  const content = `[${row.tool_name ?? 'tool'}] ${cutText(row.content, TOOL_CHARS)}…`;
  return content.length < row.content.length ? { ...row, content } : null;
}

/** Long arguments as JSON that holds their beginning: providers refuse a call whose arguments are none. */
export function shortenArguments(row: Message): Message | null {
  const isLong = (text: string | null): text is string => text !== null && text.length > SHORT_ARGUMENT_CHARS;
  const shorten = (text: string) => JSON.stringify({ shortened: `${cutText(text, ARGUMENT_CHARS)}…` });
  const long = new Set(readCalls(row).filter((call) => isLong(call.function.arguments)));
  if (long.size === 0 && !isLong(row.tool_arguments)) return null;
  const calls = row.tool_calls?.map((call) =>
    long.has(call) ? { ...call, function: { ...call.function, arguments: shorten(call.function.arguments) } } : call,
  );
  const args = isLong(row.tool_arguments) ? shorten(row.tool_arguments) : row.tool_arguments;
  return { ...row, tool_calls: calls ?? row.tool_calls, tool_arguments: args };
}

/** A message's text as its beginning and end. Its attachments stay as lines of the text that name them. */
export function shortenText(row: Message, limitChars: number): Message | null {
  if (row.role === 'tool') return null;
  if (row.content.length <= limitChars && row.content_blocks === null) return null;
  const size = { limit: limitChars, head: Math.floor(limitChars * 0.7), tail: Math.floor(limitChars * 0.2) };
  return { ...row, content: shortenMiddle(row.content, size), content_blocks: null };
}
