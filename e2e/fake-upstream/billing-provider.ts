import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// A provider that keeps a bill of its own, in a process of its own: `node billing-provider.ts` prints its address, and
// `GET /bill` says what is owed. It speaks chat completions at /openai and messages at /anthropic. What it does with a request
// stands in the request: the last message is `{"call": …, "mode": …, …}`. It shares no line with what it checks: prices are
// cents for a million tokens, and the bill is kept in millionths of a cent.

type Mode = 'answer' | 'silent' | 'busy' | 'fail' | 'refuse' | 'error' | 'poor' | 'cut' | 'stall';

interface Order {
  call: number;
  mode: Mode;
  /** So many refusals come before the mode. */
  refusals: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWriteLong: number;
}

/** Cents for a million tokens: input, output, cache read, cache write, the same for an hour. */
const PRICES: Record<string, [number, number, number, number, number]> = {
  small: [15, 60, 7.5, 15, 15],
  large: [300, 1500, 30, 375, 600],
};
/** Of the large model, a call that reads more than this costs double. */
const DOUBLE_ABOVE = 200_000;
/** What a stopped or broken answer had come to. */
const SAID = 'word '.repeat(40);

/** Millionths of a cent. */
const bill = {
  reported: 0,
  unreported: 0,
  byModel: {} as Record<string, number>,
  byKey: {} as Record<string, number>,
};
const seen = { requests: 0, billed: 0, unreported: 0, refused: 0, moved: 0 };
const attempts = new Map<number, number>();
/** The key that asked for a call the last time. */
const askedBy = new Map<number, string>();

function priceOf(model: string, order: Order, output: number): number {
  const [input = 0, out = 0, read = 0, write = 0, long = 0] = PRICES[model] ?? [];
  const fresh = order.input - order.cacheRead - order.cacheWrite;
  const times = model === 'large' && order.input > DOUBLE_ABOVE ? 2 : 1;
  const short = order.cacheWrite - order.cacheWriteLong;
  const cents = fresh * input + output * out + order.cacheRead * read + short * write + order.cacheWriteLong * long;
  return cents * times;
}

/** Puts a call on the bill: as reported to its caller, or as one that nobody was told the figures of. */
function charge(model: string, key: string, order: Order, output: number, isReported: boolean): void {
  const amount = priceOf(model, order, output);
  if (isReported) {
    bill.reported += amount;
    bill.byModel[model] = (bill.byModel[model] ?? 0) + amount;
    bill.byKey[key] = (bill.byKey[key] ?? 0) + amount;
    seen.billed++;
  } else {
    bill.unreported += amount;
    seen.unreported++;
  }
}

async function readBody(request: IncomingMessage): Promise<{ model: string; messages: { content: unknown }[] }> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as { model: string; messages: { content: unknown }[] };
}

function orderIn(body: { messages: { content: unknown }[] }): Order {
  const text = JSON.stringify(body.messages.at(-1)?.content);
  const found = /\{\\*"call\\*":.*?\}/.exec(text)?.[0] ?? '{}';
  return JSON.parse(found.replaceAll('\\', '')) as Order;
}

function keyOf({ headers }: IncomingMessage): string {
  const own = headers['x-api-key'];
  return typeof own === 'string' ? own : (headers.authorization ?? '').replace('Bearer ', '');
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  seen.refused++;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: `refused with ${status}` } }));
}

const frame = (data: unknown, event?: string) =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

interface Wire {
  open(order: Order): string;
  say(text: string): string;
  end(order: Order, tellsUsage: boolean): string;
  fail(): string;
}

const openAi: Wire = {
  open: () => frame({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }),
  say: (content) => frame({ choices: [{ index: 0, delta: { content } }] }),
  end: (order, tellsUsage) => {
    const usage = {
      prompt_tokens: order.input,
      completion_tokens: order.output,
      total_tokens: order.input + order.output,
      prompt_tokens_details: { cached_tokens: order.cacheRead, cache_write_tokens: order.cacheWrite },
    };
    const finish = frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    return `${finish}${tellsUsage ? frame({ choices: [], usage }) : ''}data: [DONE]\n\n`;
  },
  fail: () => frame({ error: { message: 'it broke', type: 'server_error' } }),
};

const anthropic: Wire = {
  open: (order) => {
    const usage = {
      input_tokens: order.input - order.cacheRead - order.cacheWrite,
      cache_read_input_tokens: order.cacheRead,
      cache_creation_input_tokens: order.cacheWrite,
      cache_creation: {
        ephemeral_5m_input_tokens: order.cacheWrite - order.cacheWriteLong,
        ephemeral_1h_input_tokens: order.cacheWriteLong,
      },
      output_tokens: 1,
    };
    const message = { id: 'm', type: 'message', role: 'assistant', content: [], usage };
    return (
      frame({ type: 'message_start', message }, 'message_start') +
      frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, 'content_block_start')
    );
  },
  say: (text) =>
    frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, 'content_block_delta'),
  end: (order) =>
    frame({ type: 'content_block_stop', index: 0 }, 'content_block_stop') +
    frame(
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: order.output } },
      'message_delta',
    ) +
    frame({ type: 'message_stop' }, 'message_stop'),
  fail: () => frame({ type: 'error', error: { type: 'api_error', message: 'it broke' } }, 'error'),
};

const saidTokens = SAID.length / 4;

async function answer(request: IncomingMessage, response: ServerResponse, wire: Wire): Promise<void> {
  const body = await readBody(request);
  const order = orderIn(body);
  const key = keyOf(request);
  if ((askedBy.get(order.call) ?? key) !== key) seen.moved++;
  askedBy.set(order.call, key);
  const attempt = (attempts.get(order.call) ?? 0) + 1;
  attempts.set(order.call, attempt);
  seen.requests++;
  if (attempt <= order.refusals) return refuse(response, 429, { 'retry-after': '0' });
  if (order.mode === 'busy') return refuse(response, 503);
  if (order.mode === 'fail') return refuse(response, 500);
  if (order.mode === 'refuse') return refuse(response, 400);
  if (order.mode === 'poor') return refuse(response, 402);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (order.mode === 'error') {
    // An error in place of an answer costs nobody anything.
    seen.refused++;
    response.end(wire.fail());
    return;
  }
  response.write(wire.open(order) + wire.say(SAID));
  switch (order.mode) {
    case 'answer':
    case 'silent': {
      const isReported = order.mode === 'answer' || wire === anthropic;
      charge(body.model, key, order, order.output, isReported);
      response.end(wire.end(order, isReported));
      return;
    }
    case 'cut':
      charge(body.model, key, order, saidTokens, false);
      // What was written goes out before the connection is broken.
      setTimeout(() => response.destroy(), 5);
      return;
    case 'stall':
      charge(body.model, key, order, saidTokens, false);
      return;
  }
}

const server = createServer((request, response) => {
  if (request.url === '/bill') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ bill, seen }));
    return;
  }
  const wire = request.url?.startsWith('/anthropic') === true ? anthropic : openAi;
  answer(request, response, wire).catch((thrown: unknown) => {
    process.stderr.write(`${String(thrown)}\n`);
    response.destroy();
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
