import { emptyMessage, type Message, type MessageRole } from '#contract/message';
import { estimateTokens } from '#contract/token-estimate';
import {
  type CompressionPorts,
  type CompressionResult,
  type CompressionSettings,
  type ContextInput,
  DEFAULT_COMPRESSION_SETTINGS,
  type SummaryRequest,
} from '../compression-types.ts';
import { MESSAGE_OVERHEAD_TOKENS, messageText } from '../token-message.ts';

export const NOW_MS = 1_700_000_000_000;

const tokensOf = (row: Message) => estimateTokens(messageText(row)) + MESSAGE_OVERHEAD_TOKENS;

export function row(role: MessageRole, id: string, fields: Partial<Message> = {}): Message {
  const base = emptyMessage({ id, session_id: 's', run_id: 'r', role, created_at_ms: 1 });
  return { ...base, status: 'final', content: `${role} ${id}`, ...fields };
}

/** A row of exactly this many tokens. */
export function sizedRow(role: MessageRole, id: string, tokens: number): Message {
  return row(role, id, { content: 'x'.repeat((tokens - MESSAGE_OVERHEAD_TOKENS) * 4) });
}

/** Questions and answers in turn, each of `tokens`. */
export function talk(count: number, tokens = 50, from = 0): Message[] {
  return Array.from({ length: count }, (_, index) =>
    sizedRow(index % 2 === 0 ? 'user' : 'assistant', `m${from + index}`, tokens),
  );
}

/** A call with its results. */
export function toolGroup(id: string, results: number, output = 'out'): Message[] {
  const ids = Array.from({ length: results }, (_, index) => `${id}-call-${index}`);
  const calls = ids.map((callId) => ({
    id: callId,
    type: 'function' as const,
    function: { name: 'read', arguments: '{"path":"a.txt"}' },
  }));
  return [
    row('assistant', id, { tool_calls: calls }),
    ...ids.map((callId) => row('tool', callId, { tool_call_id: callId, tool_name: 'read', content: output })),
  ];
}

export function inputOf(
  rows: readonly Message[],
  fields: Partial<Omit<ContextInput, 'settings'>> & { settings?: Partial<CompressionSettings> } = {},
): ContextInput {
  return {
    rows,
    tokensOf,
    fixed: { system: 0, tools: 0, input: 0 },
    windowTokens: 100_000,
    snapshot: null,
    pinnedIds: new Set(),
    lastFailureAtMs: null,
    nowMs: NOW_MS,
    force: false,
    ...fields,
    settings: { ...DEFAULT_COMPRESSION_SETTINGS, ...fields.settings },
  };
}

export interface FakePorts extends CompressionPorts {
  requests: SummaryRequest[];
  started: CompressionPorts['started'];
  begun: { message_count: number; token_count: number }[];
}

/** Ports that remember what they were asked. */
export function fakePorts(answer: (request: SummaryRequest) => string | Promise<string> = () => 'summary'): FakePorts {
  const requests: SummaryRequest[] = [];
  const begun: FakePorts['begun'] = [];
  let ids = 0;
  return {
    requests,
    begun,
    async summarise(request) {
      requests.push(request);
      return { text: await answer(request), model: 'small', usage: null, callId: null };
    },
    countTokens: async (texts) => texts.map((text) => estimateTokens(text)),
    newId: () => `snap-${++ids}`,
    started: async (event) => void begun.push(event),
  };
}

/** The same conversation after a result was stored. */
export function afterwards(input: ContextInput, result: CompressionResult): ContextInput {
  return {
    ...input,
    force: false,
    snapshot: result.snapshot ?? input.snapshot,
    lastFailureAtMs: result.failedAtMs,
  };
}

/** Tokens of a whole request with these rows. */
export function sentTokens(input: ContextInput, rows: readonly Message[]): number {
  const { system, tools, input: asked } = input.fixed;
  return system + tools + asked + rows.reduce((sum, one) => sum + tokensOf(one), 0);
}
