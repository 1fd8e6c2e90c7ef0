import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { median, percentile, round } from './processes.ts';
import { startRelayCore } from './relay-core.ts';

// From a program that leaves to the upstream that notices: before and after the first byte, streaming and not, in both
// protocols and translated. Program and upstream share this process and its clock; the core has its own.

const TIMES = Number(process.env['BENCH_TIMES'] ?? 30);
const GOAL_MS = 100;

const chat = (delta: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
const messages = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const FIRST: Record<string, string> = {
  '/v1/chat/completions': chat({ role: 'assistant', content: '' }) + chat({ content: 'Hello' }),
  '/v1/messages':
    messages({
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    } as { type: string }) +
    messages({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }) +
    messages({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } } as {
      type: string;
    }),
};

type Phase = 'no headers' | 'headers only' | 'first part';
const PHASES: readonly Phase[] = ['no headers', 'headers only', 'first part'];

/** What the upstream does with the next request, and what it hears of it. */
let phase: Phase = 'no headers';
let arrived: () => void = () => undefined;
let left: (atMs: number) => void = () => undefined;

const upstream = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    if (phase !== 'no headers') {
      const isStream = isStreaming;
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
      if (phase === 'headers only') response.flushHeaders();
      else response.write(isStream ? (FIRST[request.url ?? ''] ?? '') : '{"id":"c",');
    }
    arrived();
  });
  response.once('close', () => left(performance.now()));
});
let isStreaming = false;
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const relay = await startRelayCore(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
const { port } = new URL(relay.core.url);

/** One request on a socket of its own, which is closed once the upstream has it and this side has seen what it will. */
async function leave(path: string, model: string): Promise<number> {
  const body = JSON.stringify({
    model,
    max_tokens: 100,
    stream: isStreaming,
    messages: [{ role: 'user', content: 'Hello?' }],
  });
  const hasArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const hasLeft = new Promise<number>((resolve) => {
    left = resolve;
  });
  const socket = connect(Number(port), '127.0.0.1');
  const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  const headers = Object.entries(relay.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${headers.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await hasArrived;
  // Only a stream that has begun is passed on; everything else is still held.
  if (isStreaming && phase === 'first part') await heard;
  else await new Promise((resolve) => setTimeout(resolve, 20));
  const fromMs = performance.now();
  socket.destroy();
  return (await hasLeft) - fromMs;
}

const PAIRS = {
  'openai → openai': ['/v1/chat/completions', 'openai/m'],
  'anthropic → anthropic': ['/v1/messages', 'anthropic/m'],
  'openai → anthropic': ['/v1/chat/completions', 'anthropic/m'],
  'anthropic → openai': ['/v1/messages', 'openai/m'],
} as const;

const figures: Record<string, unknown> = {};
let largest = 0;
try {
  for (const [name, [path, model]] of Object.entries(PAIRS)) {
    for (const stream of [false, true]) {
      for (const each of PHASES) {
        isStreaming = stream;
        phase = each;
        const took: number[] = [];
        for (let index = 0; index < TIMES; index++) took.push(await leave(path, model));
        const largestMs = Math.max(...took);
        largest = Math.max(largest, largestMs);
        figures[`${name}, ${stream ? 'stream' : 'plain'}, ${each}`] = {
          medianMs: round(median(took)),
          p95Ms: round(percentile(took, 0.95)),
          largestMs: round(largestMs),
        };
      }
    }
  }
  process.stdout.write(
    JSON.stringify({ times: TIMES, figures, largestMs: round(largest), goalMs: GOAL_MS, met: largest < GOAL_MS }),
  );
} finally {
  await relay.stop();
  upstream.closeAllConnections();
  upstream.close();
}
