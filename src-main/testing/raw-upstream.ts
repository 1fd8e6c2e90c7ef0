import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as it came over the line. */
export interface RawRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  json: Record<string, unknown>;
  /** Resolves when the client closed the connection before the answer was over. */
  left: Promise<number>;
}

export type RawHandler = (request: RawRequest, response: ServerResponse, number: number) => unknown;

/** An upstream that does exactly what a test says, byte by byte. */
export interface RawUpstream {
  url: string;
  requests: RawRequest[];
  handle(handler: RawHandler): void;
  /** Resolves when so many requests have come in. */
  reached(count: number): Promise<void>;
}

/** The caller's test owns it. */
export async function startRawUpstream(first?: RawHandler): Promise<RawUpstream> {
  let handler: RawHandler = first ?? ((_request, response) => response.writeHead(500).end());
  const requests: RawRequest[] = [];
  const waiting: { count: number; go: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const left = new Promise<number>((resolve) => {
      response.once('close', () => {
        if (!response.writableFinished) resolve(performance.now());
      });
    });
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      let json: Record<string, unknown> = {};
      try {
        json = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
      } catch {
        // A request without a body, or one that a test looks at in bytes.
      }
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, bytes, json, left };
      requests.push(seen);
      for (const each of waiting.filter(({ count }) => requests.length >= count)) each.go();
      handler(seen, response, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    handle: (next) => {
      handler = next;
    },
    reached: (count) =>
      requests.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, go: resolve });
          }),
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A named event, or a bare one, as the line has it. */
export function sse(data: unknown, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}

const named = (data: { type: string } & Record<string, unknown>) => sse(data, data.type);

/** A messages stream in order. */
export function messageFrames(text: string, usage = { input_tokens: 11, output_tokens: 7 }): string[] {
  return [
    named({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'up-model',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: usage.input_tokens, output_tokens: 1 },
      },
    }),
    named({ type: 'ping' }),
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...text
      .split(/(?<= )/)
      .map((part) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: part } })),
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    }),
    named({ type: 'message_stop' }),
  ];
}

export function wholeMessage(text: string, usage = { input_tokens: 11, output_tokens: 7 }): Record<string, unknown> {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'up-model',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}

const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null) =>
  sse({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'up-model',
    choices: [{ index: 0, delta, finish_reason }],
  });

/** A chat-completions stream in order. */
export function chatFrames(text: string, usage?: { prompt_tokens: number; completion_tokens: number }): string[] {
  const figures = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'up-model',
    choices: [],
    usage,
  };
  return [
    chunk({ role: 'assistant', content: '' }),
    ...text.split(/(?<= )/).map((content) => chunk({ content })),
    chunk({}, 'stop'),
    ...(usage === undefined ? [] : [sse(figures)]),
    sse('[DONE]'),
  ];
}

export function wholeChat(text: string, usage = { prompt_tokens: 11, completion_tokens: 7 }): Record<string, unknown> {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'up-model',
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

export function wholeResponse(text: string, status = 'completed'): Record<string, unknown> {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'up-model',
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    output: [
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
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

/** A responses stream in order. */
export function responseFrames(text: string): string[] {
  let number = 0;
  const event = (type: string, fields: Record<string, unknown>) =>
    named({ type, sequence_number: number++, ...fields });
  const started = { ...wholeResponse('', 'in_progress'), output: [], usage: null };
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [] });
  return [
    event('response.created', { response: started }),
    event('response.in_progress', { response: started }),
    event('response.output_item.added', {
      output_index: 0,
      item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
    }),
    event('response.content_part.added', { ...place, part: part('') }),
    ...text.split(/(?<= )/).map((delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] })),
    event('response.output_text.done', { ...place, text, logprobs: [] }),
    event('response.content_part.done', { ...place, part: part(text) }),
    event('response.output_item.done', { output_index: 0, item: (wholeResponse(text)['output'] as unknown[])[0] }),
    event('response.completed', { response: wholeResponse(text) }),
  ];
}

/** Sends frames one by one, each in a piece of its own. */
export async function play(response: ServerResponse, frames: readonly (string | Buffer)[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of frames) {
    response.write(frame);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
