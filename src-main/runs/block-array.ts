import type { ToolCall } from '#contract/message';
import { parsePythonLiteral } from './python-literal.ts';

/** What a serialised list of content blocks says, taken apart. */
export interface ParsedBlocks {
  text: string;
  reasoning: string;
  toolCalls: ToolCall[];
}

/** Deeper arguments are no tool's; it also bounds the recursion. */
const MAX_DEPTH = 64;

type Block =
  | { kind: 'text' | 'result' | 'reasoning'; text: string }
  | { kind: 'call'; call: ToolCall }
  | { kind: 'hidden' };

type Fields = Record<string, unknown>;

/**
 * Reads text that is, as a whole, a list of content blocks as JSON or as Python writes it, with or without one layer of
 * quotes around it (E6-03). Text on both sides of something else, such as a tool call, becomes paragraphs.
 *
 * @returns null for anything else: `[1,2,3]`, `[link](x)`, a list cut short and a list with a block that is not fully
 * understood are somebody's text and stay as they are (E2-05, BUG-A20).
 */
export function parseBlockArray(text: string): ParsedBlocks | null {
  const list = readList(text.trim());
  if (list === null || list.length === 0) return null;
  const parsed: ParsedBlocks = { text: '', reasoning: '', toolCalls: [] };
  let before: Block['kind'] | null = null;
  for (const item of list) {
    const block = readBlock(item);
    if (block === null) return null;
    if (block.kind === 'call') parsed.toolCalls.push(block.call);
    else if (block.kind === 'reasoning') parsed.reasoning = paragraph(parsed.reasoning, block.text);
    else if (block.kind === 'text' && before === 'text') parsed.text += block.text;
    else if (block.kind !== 'hidden') parsed.text = paragraph(parsed.text, block.text);
    before = block.kind;
  }
  return { ...parsed, text: parsed.text.toWellFormed(), reasoning: parsed.reasoning.toWellFormed() };
}

function paragraph(before: string, text: string): string {
  return before === '' || text === '' ? before + text : `${before}\n\n${text}`;
}

/** The first characters decide for nearly every delta of a stream; only what passes them is parsed. */
function readList(text: string): unknown[] | null {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return readBareList(text);
  if (text[1] !== '[' || !text.endsWith(`]${quote}`)) return null;
  const inner = readLiteral(text);
  return typeof inner === 'string' ? readBareList(inner.trim()) : null;
}

function readBareList(text: string): unknown[] | null {
  if (!/^\[\s*\{/.test(text) || !text.endsWith(']')) return null;
  const value = readLiteral(text);
  return Array.isArray(value) ? value : null;
}

/** JSON, else a Python literal; undefined where the text is neither. */
function readLiteral(text: string): unknown {
  const json = readJson(text);
  return json === undefined ? parsePythonLiteral(text)?.value : json;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readBlock(value: unknown): Block | null {
  if (!isFields(value)) return null;
  switch (value['type']) {
    case 'text':
    case 'output_text':
      return typeof value['text'] === 'string' ? { kind: 'text', text: value['text'] } : null;
    case 'thinking':
    case 'reasoning': {
      const text = value['thinking'] ?? value['reasoning'] ?? value['text'];
      return typeof text === 'string' ? { kind: 'reasoning', text } : null;
    }
    case 'redacted_thinking':
      // Encrypted for the provider: there is nothing to read.
      return { kind: 'hidden' };
    case 'tool_use':
      return readCall(value);
    case 'tool_result': {
      const text = resultText(value['content']);
      return text === null ? null : { kind: 'result', text };
    }
    default:
      return null;
  }
}

function readCall({ id, name, input }: Fields): Block | null {
  if (typeof id !== 'string' || id === '' || typeof name !== 'string' || name === '') return null;
  const args = argumentsText(input);
  return args === null ? null : { kind: 'call', call: { id, type: 'function', function: { name, arguments: args } } };
}

/** The arguments as JSON text. Some serialisations hold them as text already. */
function argumentsText(input: unknown): string | null {
  if (input === undefined || input === null || input === '') return '{}';
  if (typeof input === 'string') return isFields(readJson(input)) ? input : null;
  return isFields(input) && isExact(input, 0) ? JSON.stringify(input) : null;
}

function resultText(content: unknown): string | null {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  let text = '';
  for (const part of content) {
    if (!isFields(part) || part['type'] !== 'text' || typeof part['text'] !== 'string') return null;
    text += part['text'];
  }
  return text;
}

/** Whether a value comes through a number of JavaScript, and through JSON, unchanged. */
function isExact(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  // Above 2^53 neighbours fall together, so the digits that were written may have been others.
  if (typeof value === 'number') return Number.isSafeInteger(value) || (Number.isFinite(value) && value % 1 !== 0);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((part) => isExact(part, depth + 1));
}
