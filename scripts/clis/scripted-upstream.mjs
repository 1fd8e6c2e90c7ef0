// An upstream that says what a scenario wants, in Anthropic's protocol or OpenAI's, and remembers what it was asked.
import { createServer } from 'node:http';

/** @typedef {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, json: any }} Seen */
/** @typedef {(seen: Seen, response: import('node:http').ServerResponse, number: number) => unknown} Handler */
/** @typedef {{ type: 'text', text: string } | { type: 'call', id: string, name: string, input: unknown }} Said */

/** Starts it on a free port of this computer. `script` sets what it says from now on and forgets what it was asked. */
export async function startUpstream() {
  /** @type {{ handler: Handler, seen: Seen[] }} */
  const state = { handler: () => undefined, seen: [] };
  const server = createServer((request, response) => {
    const parts = /** @type {Buffer[]} */ ([]);
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const path = (request.url ?? '').split('?')[0] ?? '';
      const seen = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        json: text === '' ? null : JSON.parse(text),
      };
      if (path === '/v1/models') return sendJson(response, 200, { data: [] });
      if (path.endsWith('/count_tokens')) return sendJson(response, 200, { input_tokens: 100 });
      state.seen.push(seen);
      state.handler(seen, response, state.seen.length);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    /** @param {Handler} handler @returns {Seen[]} what it is asked from now on */
    script(handler) {
      state.handler = handler;
      state.seen = [];
      return state.seen;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body @param {Record<string, string>} headers */
export function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** @param {import('node:http').ServerResponse} response @param {Record<string, any>[]} events @param {'end' | 'cut'} end */
export function sendEvents(response, events, end = 'end') {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    const name = event.type === undefined ? '' : `event: ${event.type}\n`;
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
  const isChat = events[0]?.type === undefined;
  if (end === 'cut') setTimeout(() => response.destroy(), 30);
  else response.end(isChat ? 'data: [DONE]\n\n' : '');
}

/** A message of Anthropic's as its stream. @param {Said[]} said */
export function messageEvents(said) {
  const hasCalls = said.some(({ type }) => type === 'call');
  return [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 100, output_tokens: 1 },
      },
    },
    ...said.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block:
          block.type === 'text'
            ? { type: 'text', text: '' }
            : { type: 'tool_use', id: block.id, name: block.name, input: {} },
      },
      {
        type: 'content_block_delta',
        index,
        delta:
          block.type === 'text'
            ? { type: 'text_delta', text: block.text }
            : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
      },
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: hasCalls ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: 12 },
    },
    { type: 'message_stop' },
  ];
}

/** A chat completion as its chunks. @param {Said[]} said */
export function chatChunks(said) {
  const hasCalls = said.some(({ type }) => type === 'call');
  /** @param {unknown} delta @param {string | null} finish_reason */
  const chunk = (delta, finish_reason = null) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-test',
    choices: [{ index: 0, delta, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...said.map((part, index) =>
      part.type === 'text'
        ? chunk({ content: part.text })
        : chunk({
            tool_calls: [
              {
                index,
                id: part.id,
                type: 'function',
                function: { name: part.name, arguments: JSON.stringify(part.input) },
              },
            ],
          }),
    ),
    chunk({}, hasCalls ? 'tool_calls' : 'stop'),
  ];
}

/** A response as its stream. @param {Said[]} said */
export function responseEvents(said) {
  const items = said.map((part, index) =>
    part.type === 'text'
      ? {
          id: `msg_${index}`,
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: part.text, annotations: [] }],
        }
      : {
          id: `fc_${index}`,
          type: 'function_call',
          status: 'completed',
          call_id: part.id,
          name: part.name,
          arguments: JSON.stringify(part.input),
        },
  );
  const whole = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'gpt-test',
    status: 'completed',
    error: null,
    output: items,
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 4,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 13,
    },
  };
  const steps = [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [], usage: null } },
    ...items.flatMap((item, output_index) => [
      {
        type: 'response.output_item.added',
        output_index,
        item: { ...item, status: 'in_progress', ...(item.type === 'message' ? { content: [] } : { arguments: '' }) },
      },
      ...(item.type === 'message'
        ? [
            {
              type: 'response.output_text.delta',
              item_id: item.id,
              output_index,
              content_index: 0,
              delta: /** @type {any} */ (item).content[0].text,
            },
          ]
        : []),
      { type: 'response.output_item.done', output_index, item },
    ]),
    { type: 'response.completed', response: whole },
  ];
  return steps.map((step, sequence_number) => ({ ...step, sequence_number }));
}
