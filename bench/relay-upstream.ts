import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// The upstream of the relay benches, in a process of its own: answers at once in the protocol of the address. What it is to
// do with a stream stands in the model's name, which is all that every translation carries: `fast:<tokens>` or
// `paced:<tokens per second>:<tokens>`, behind the profile's name or not.

const ANTHROPIC = '/v1/messages';
const text =
  'A short answer of some twenty words, which is about what a tool call or a title takes in real life, no more.';
const WHOLE: Record<string, string> = {
  [ANTHROPIC]: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 40, output_tokens: 25 },
  }),
  '/v1/chat/completions': JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 40, completion_tokens: 25, total_tokens: 65 },
  }),
};

const named = (data: { type: string } & Record<string, unknown>) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: Record<string, unknown>, reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;

const WIRES = {
  anthropic: {
    open:
      named({
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          stop_reason: null,
          usage: { input_tokens: 40, output_tokens: 1 },
        },
      }) + named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    say: (word: string) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } }),
    close:
      named({ type: 'content_block_stop', index: 0 }) +
      named({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 25 },
      }) +
      named({ type: 'message_stop' }),
  },
  openai: {
    open: chunk({ role: 'assistant', content: '' }),
    say: (word: string) => chunk({ content: word }),
    close: `${chunk({}, 'stop')}data: [DONE]\n\n`,
  },
};

const stamp = () => `@${(performance.timeOrigin + performance.now()).toFixed(3)}|`;

async function stream(response: ServerResponse, path: string, plan: string): Promise<void> {
  const wire = path === ANTHROPIC ? WIRES.anthropic : WIRES.openai;
  const [kind, first, second] = plan.split(':');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(wire.open);
  if (kind === 'fast') {
    const total = Number(first);
    for (let sent = 0; sent < total && !response.destroyed; sent++) {
      const word = sent === 0 ? stamp() : 'word ';
      if (!response.write(wire.say(word))) await new Promise((resolve) => response.once('drain', resolve));
    }
  } else {
    const perSecond = Number(first);
    const total = Number(second);
    const startMs = performance.now();
    for (let sent = 0; sent < total && !response.destroyed; ) {
      const due = Math.min(total, 1 + Math.floor(((performance.now() - startMs) / 1000) * perSecond));
      for (; sent < due; sent++) response.write(wire.say(stamp()));
      await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
    }
  }
  response.end(wire.close);
}

const server = createServer((request: IncomingMessage, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (part: Buffer) => chunks.push(part));
  request.on('end', () => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean; model: string };
    if (body.stream === true) {
      void stream(response, path, body.model.slice(body.model.indexOf('/') + 1));
      return;
    }
    const whole = WHOLE[path] ?? '';
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) });
    response.end(whole);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
process.on('SIGTERM', () => process.exit(0));
