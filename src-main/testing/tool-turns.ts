import type { WireProtocol } from '../gateway/translate/translation.ts';
import { play, type RawHandler, sendJson, sse } from './raw-upstream.ts';

/** What a model says in one answer. */
export interface Turn {
  thinking?: string;
  text?: string;
  /** Arguments are JSON text, as a model writes it. */
  calls?: { id: string; name: string; arguments: string }[];
}

/** Answers turn after turn in an upstream's protocol, streamed or whole as it is asked: the n-th request gets the n-th turn. */
export function playTurns(protocolOf: (url: string) => WireProtocol | null, turns: readonly Turn[]): RawHandler {
  let next = 0;
  return (request, response) => {
    const protocol = protocolOf(request.url);
    if (protocol === null) return sendJson(response, 404, { error: { message: 'Not Found' } });
    const turn = turns[next++];
    if (turn === undefined) return sendJson(response, 400, { error: { message: 'nobody expected one more request' } });
    if (request.json['stream'] === true) return play(response, FRAMES[protocol](turn, next));
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(WHOLE[protocol](turn, next));
  };
}

/** A call or a result as an upstream was told of it. */
export type Told =
  | { call: string; name: string; arguments: string }
  | { result: string; text: string; images: number; isError: boolean };

/** Calls and results in a request that an upstream received, in their order. */
export function toldIn(protocol: WireProtocol, body: Record<string, unknown>): Told[] {
  return READ[protocol](body);
}

type Json = Record<string, unknown>;
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function contentOf(content: unknown): { text: string; images: number } {
  if (typeof content === 'string') return { text: content, images: 0 };
  const parts = list(content);
  return {
    text: parts.map((part) => (typeof part['text'] === 'string' ? part['text'] : '')).join(''),
    images: parts.filter((part) => String(part['type']).includes('image')).length,
  };
}

const READ: Record<WireProtocol, (body: Json) => Told[]> = {
  'anthropic-messages': (body) =>
    list(body['messages']).flatMap((message) =>
      list(message['content']).flatMap((part): Told[] => {
        if (part['type'] === 'tool_use') {
          return [
            { call: part['id'] as string, name: part['name'] as string, arguments: JSON.stringify(part['input']) },
          ];
        }
        if (part['type'] !== 'tool_result') return [];
        const isError = part['is_error'] === true;
        return [{ result: part['tool_use_id'] as string, ...contentOf(part['content']), isError }];
      }),
    ),
  'openai-chat': (body) =>
    list(body['messages']).flatMap((message): Told[] => {
      if (message['role'] === 'tool') {
        return [{ result: message['tool_call_id'] as string, ...contentOf(message['content']), isError: false }];
      }
      return list(message['tool_calls']).map((call) => {
        const inner = call['function'] as { name: string; arguments: string };
        return { call: call['id'] as string, name: inner.name, arguments: inner.arguments };
      });
    }),
  'openai-responses': (body) =>
    list(body['input']).flatMap((item): Told[] => {
      if (item['type'] === 'function_call') {
        return [
          { call: item['call_id'] as string, name: item['name'] as string, arguments: item['arguments'] as string },
        ];
      }
      if (item['type'] !== 'function_call_output') return [];
      return [{ result: item['call_id'] as string, ...contentOf(item['output']), isError: false }];
    }),
};

const named = (data: { type: string } & Json) => sse(data, data.type);
/** Cut where nobody would expect it. */
const pieces = (text: string) => [text.slice(0, 3), text.slice(3, 4), text.slice(4)].filter((piece) => piece !== '');

const SIGNATURE = 'EqQBCkYIBxgCKkBsigned==';
const ENCRYPTED = 'gAAAAABsealed==';

/** Arguments stay text within text, so that no digit of theirs goes through a double here. */
function withRaw(json: unknown, raws: readonly string[]): string {
  return raws.reduce((text, raw, at) => text.replace(`"raw-${at}"`, () => raw), JSON.stringify(json));
}

const anthropicHead = (at: number) => ({
  id: `msg_${at}`,
  type: 'message',
  role: 'assistant',
  model: 'up',
  stop_sequence: null,
});

const chatHead = { id: 'chatcmpl-1', created: 1, model: 'up' };

function responseItems(turn: Turn, at: number): Json[] {
  return [
    ...(turn.thinking === undefined
      ? []
      : [
          {
            id: `rs_${at}`,
            type: 'reasoning',
            summary: [{ type: 'summary_text', text: turn.thinking }],
            encrypted_content: ENCRYPTED,
          },
        ]),
    ...(turn.text === undefined
      ? []
      : [
          {
            id: `msg_${at}`,
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: turn.text, annotations: [] }],
          },
        ]),
    ...(turn.calls ?? []).map((call) => ({
      id: `fc_${call.id}`,
      type: 'function_call',
      status: 'completed',
      call_id: call.id,
      name: call.name,
      arguments: call.arguments,
    })),
  ];
}

function responseOf(turn: Turn, at: number, status: string): Json {
  return {
    id: `resp_${at}`,
    object: 'response',
    created_at: 1,
    model: 'up',
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    output: status === 'completed' ? responseItems(turn, at) : [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: {
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 18,
    },
  };
}

const WHOLE: Record<WireProtocol, (turn: Turn, at: number) => string> = {
  'anthropic-messages': ({ thinking, text, calls = [] }, at) =>
    withRaw(
      {
        ...anthropicHead(at),
        content: [
          ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: SIGNATURE }]),
          ...(text === undefined ? [] : [{ type: 'text', text }]),
          ...calls.map(({ id, name }, place) => ({ type: 'tool_use', id, name, input: `raw-${place}` })),
        ],
        stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
        usage: { input_tokens: 11, output_tokens: 7 },
      },
      calls.map((call) => call.arguments),
    ),
  'openai-chat': ({ thinking, text, calls = [] }) =>
    JSON.stringify({
      ...chatHead,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: text ?? null,
            refusal: null,
            ...(thinking === undefined ? {} : { reasoning_content: thinking }),
            ...(calls.length === 0
              ? {}
              : {
                  tool_calls: calls.map(({ id, ...inner }) => ({ id, type: 'function', function: inner })),
                }),
          },
          finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }),
  'openai-responses': (turn, at) => JSON.stringify(responseOf(turn, at, 'completed')),
};

const FRAMES: Record<WireProtocol, (turn: Turn, at: number) => string[]> = {
  'anthropic-messages': ({ thinking, text, calls = [] }, at) => {
    let index = 0;
    const block = (content_block: Json, deltas: Json[]) => {
      const place = index++;
      return [
        named({ type: 'content_block_start', index: place, content_block }),
        ...deltas.map((delta) => named({ type: 'content_block_delta', index: place, delta })),
        named({ type: 'content_block_stop', index: place }),
      ];
    };
    const usage = { input_tokens: 11, output_tokens: 1 };
    return [
      named({ type: 'message_start', message: { ...anthropicHead(at), content: [], stop_reason: null, usage } }),
      ...(thinking === undefined
        ? []
        : block({ type: 'thinking', thinking: '', signature: '' }, [
            ...pieces(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
            { type: 'signature_delta', signature: SIGNATURE },
          ])),
      ...(text === undefined
        ? []
        : block(
            { type: 'text', text: '' },
            pieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
          )),
      ...calls.flatMap((call) =>
        block(
          { type: 'tool_use', id: call.id, name: call.name, input: {} },
          pieces(call.arguments).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
        ),
      ),
      named({
        type: 'message_delta',
        delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: 7 },
      }),
      named({ type: 'message_stop' }),
    ];
  },
  'openai-chat': ({ thinking, text, calls = [] }) => {
    const chunk = (delta: Json, finish_reason: string | null = null) =>
      sse({ ...chatHead, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
    const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
    return [
      chunk({ role: 'assistant', content: text === undefined ? null : '' }),
      ...(thinking === undefined ? [] : pieces(thinking).map((piece) => chunk({ reasoning_content: piece }))),
      ...(text === undefined ? [] : pieces(text).map((piece) => chunk({ content: piece }))),
      ...calls.flatMap(({ id, name, arguments: whole }, index) => [
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
        ...pieces(whole).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ]),
      chunk({}, calls.length > 0 ? 'tool_calls' : 'stop'),
      sse({ ...chatHead, object: 'chat.completion.chunk', choices: [], usage }),
      sse('[DONE]'),
    ];
  },
  'openai-responses': (turn, at) => {
    let number = 0;
    const event = (type: string, fields: Json) => named({ type, sequence_number: number++, ...fields });
    const response = responseOf(turn, at, 'in_progress');
    return [
      event('response.created', { response }),
      event('response.in_progress', { response }),
      ...responseItems(turn, at).flatMap((item, output_index) => {
        const place = { item_id: item['id'], output_index };
        const inner = { ...place, content_index: 0 };
        const part = { type: 'output_text', text: turn.text ?? '', annotations: [] };
        const begun =
          item['type'] === 'function_call'
            ? { ...item, status: 'in_progress', arguments: '' }
            : item['type'] === 'message'
              ? { ...item, status: 'in_progress', content: [] }
              : { ...item, summary: [] };
        const said: string[] =
          item['type'] === 'function_call'
            ? [
                ...pieces(item['arguments'] as string).map((delta) =>
                  event('response.function_call_arguments.delta', { ...place, delta }),
                ),
                event('response.function_call_arguments.done', {
                  ...place,
                  name: item['name'],
                  arguments: item['arguments'],
                }),
              ]
            : item['type'] === 'message'
              ? [
                  event('response.content_part.added', { ...inner, part: { ...part, text: '' } }),
                  ...pieces(turn.text ?? '').map((delta) =>
                    event('response.output_text.delta', { ...inner, delta, logprobs: [] }),
                  ),
                  event('response.output_text.done', { ...inner, text: turn.text, logprobs: [] }),
                  event('response.content_part.done', { ...inner, part }),
                ]
              : [
                  event('response.reasoning_summary_part.added', {
                    ...place,
                    summary_index: 0,
                    part: { type: 'summary_text', text: '' },
                  }),
                  event('response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta: turn.thinking }),
                  event('response.reasoning_summary_text.done', { ...place, summary_index: 0, text: turn.thinking }),
                  event('response.reasoning_summary_part.done', {
                    ...place,
                    summary_index: 0,
                    part: { type: 'summary_text', text: turn.thinking },
                  }),
                ];
        return [
          event('response.output_item.added', { output_index, item: begun }),
          ...said,
          event('response.output_item.done', { output_index, item }),
        ];
      }),
      event('response.completed', { response: responseOf(turn, at, 'completed') }),
    ];
  },
};
