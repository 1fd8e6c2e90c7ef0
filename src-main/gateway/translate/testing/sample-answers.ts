import type { WireProtocol } from '../translation.ts';

/**
 * One answer as each provider sends it: thinking with its signature, a text, two parallel calls, figures with cache and thinking.
 * 100 tokens of input, of which 40 came from the cache and 10 went into it; 20 of output, of which 5 were thought.
 */

export const CALLS = [
  { id: 'call_1', name: 'read_file', arguments: '{"path":"a.txt"}' },
  { id: 'call_2', name: 'list', arguments: '{"depth":2}' },
] as const;
export const THINKING = 'Let me look. ';
export const TEXT = 'I will read “a.txt”. 🙂';

const ANTHROPIC_USAGE = {
  input_tokens: 50,
  cache_read_input_tokens: 40,
  cache_creation_input_tokens: 10,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { thinking_tokens: 5 },
};
const CHAT_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const RESPONSES_USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

const REASONING_ITEM = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: THINKING }],
  encrypted_content: 'gAAAA-sealed==',
};
const MESSAGE_ITEM = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: TEXT, annotations: [] }],
};
const CALL_ITEMS = CALLS.map((call, at) => ({
  id: `fc_${at}`,
  type: 'function_call',
  call_id: call.id,
  name: call.name,
  arguments: call.arguments,
  status: 'completed',
}));

export const WHOLE_ANSWERS: Record<WireProtocol, Record<string, unknown>> = {
  'anthropic-messages': {
    id: 'msg_up',
    type: 'message',
    role: 'assistant',
    model: 'up-model',
    content: [
      { type: 'thinking', thinking: THINKING, signature: 'EqQB-signed==' },
      { type: 'text', text: TEXT },
      ...CALLS.map((call) => ({
        type: 'tool_use',
        id: call.id,
        name: call.name,
        input: JSON.parse(call.arguments) as unknown,
      })),
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: ANTHROPIC_USAGE,
  },
  'openai-chat': {
    id: 'chatcmpl-up',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'up-model',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: TEXT,
          reasoning_content: THINKING,
          tool_calls: CALLS.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: CHAT_USAGE,
  },
  'openai-responses': {
    id: 'resp_up',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'up-model',
    status: 'completed',
    output: [REASONING_ITEM, MESSAGE_ITEM, ...CALL_ITEMS],
    usage: RESPONSES_USAGE,
  },
};

const block = (index: number, content_block: object, deltas: object[]) => [
  { type: 'content_block_start', index, content_block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
  { type: 'content_block_stop', index },
];
const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) => ({
  id: 'chatcmpl-up',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'up-model',
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
});
const item = (output_index: number, whole: object, begun: object, deltas: object[]) => [
  { type: 'response.output_item.added', output_index, item: begun },
  ...deltas.map((delta) => ({ output_index, item_id: (whole as { id: string }).id, ...delta })),
  { type: 'response.output_item.done', output_index, item: whole },
];
const halves = (text: string) => [text.slice(0, 7), text.slice(7)];

export const STREAMED_ANSWERS: Record<WireProtocol, object[]> = {
  'anthropic-messages': [
    {
      type: 'message_start',
      message: {
        id: 'msg_up',
        type: 'message',
        role: 'assistant',
        model: 'up-model',
        content: [],
        usage: { ...ANTHROPIC_USAGE, output_tokens: 1, output_tokens_details: null },
      },
    },
    { type: 'ping' },
    ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
      ...halves(THINKING).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: 'EqQB-signed==' },
    ]),
    ...block(
      1,
      { type: 'text', text: '' },
      halves(TEXT).map((text) => ({ type: 'text_delta', text })),
    ),
    ...CALLS.flatMap((call, at) =>
      block(
        2 + at,
        { type: 'tool_use', id: call.id, name: call.name, input: {} },
        halves(call.arguments).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ),
    ),
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 20, output_tokens_details: { thinking_tokens: 5 } },
    },
    { type: 'message_stop' },
  ],
  'openai-chat': [
    chunk({ role: 'assistant', content: '' }),
    ...halves(THINKING).map((reasoning_content) => chunk({ reasoning_content })),
    ...halves(TEXT).map((content) => chunk({ content })),
    ...CALLS.flatMap((call, index) => [
      chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] }),
      ...halves(call.arguments).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]),
    chunk({}, 'tool_calls'),
    { ...chunk({}), choices: [], usage: CHAT_USAGE },
  ],
  'openai-responses': [
    {
      type: 'response.created',
      response: { id: 'resp_up', created_at: 1_700_000_000, model: 'up-model', status: 'in_progress', output: [] },
    },
    ...item(
      0,
      REASONING_ITEM,
      { id: 'rs_1', type: 'reasoning', summary: [] },
      halves(THINKING).map((delta) => ({ type: 'response.reasoning_summary_text.delta', summary_index: 0, delta })),
    ),
    ...item(
      1,
      MESSAGE_ITEM,
      { ...MESSAGE_ITEM, content: [] },
      halves(TEXT).map((delta) => ({ type: 'response.output_text.delta', content_index: 0, delta })),
    ),
    ...CALL_ITEMS.flatMap((call, at) =>
      item(
        2 + at,
        call,
        { ...call, arguments: '' },
        halves(call.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
      ),
    ),
    { type: 'response.completed', response: WHOLE_ANSWERS['openai-responses'] },
  ],
};
