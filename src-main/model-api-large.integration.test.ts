import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { chatFrames, messageFrames, sendJson, wholeChat, wholeMessage } from './testing/raw-upstream.ts';
import { type RelayHost, startRelayHost } from './testing/relay-host.ts';

const STREAMS = 12;
const BODY_BYTES = 2 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is still held, in bytes. Buffers that were let go of are counted off by a thread of V8's, so it is asked until it no longer falls. */
async function heldBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let quiet = 0; quiet < 5; ) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const held = heapUsed + arrayBuffers;
    quiet = held < least * 0.99 ? 0 : quiet + 1;
    least = Math.min(least, held);
  }
  return least;
}

/** An upstream that keeps nothing of what it is sent, and leaves each stream open behind its first words. */
async function startOpenEnded(frames: string[]): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frames.slice(0, -3).join(''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A program that sends bytes which all programs of the test share, and reads until the answer has begun. */
function ask(host: RelayHost, head: string, body: Buffer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('Hello')) resolve(socket);
      else if (text.includes('\r\n\r\n') && !text.startsWith('HTTP/1.1 200')) reject(new Error(text));
    });
    socket.write(head);
    socket.write(body);
  });
}

it.each([
  { name: 'passed through', kind: 'anthropic', frames: messageFrames('Hello there, friend.') },
  { name: 'translated', kind: 'openai-chat', frames: chatFrames('Hello there, friend.') },
])('[E11-01] a request is not held while its stream goes on ($name)', async ({ kind, frames }) => {
  const host = await startRelayHost();
  const baseUrl = await startOpenEnded(frames);
  const profile = await host.ask<{ id: string }>('profiles.create', { name: 'open', kind, baseUrl, defaultModel: 'm' });
  await host.ask('credentials.create', { profileId: profile.id, label: 'k', secret: 'sk-secret-0123456789abcdef' });
  const talk = Array.from({ length: 64 }, (_, at) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: 'Words of a long talk – '.repeat(BODY_BYTES / 64 / 25),
  }));
  const messages = [...talk, { role: 'user', content: 'Go on.' }];
  const body = Buffer.from(JSON.stringify({ model: 'open/m', max_tokens: 4096, stream: true, messages }));
  const head =
    `POST /v1/messages HTTP/1.1\r\nhost: ${new URL(host.url).host}\r\ncontent-type: application/json\r\n` +
    `x-api-key: ${host.key}\r\ncontent-length: ${body.length}\r\n\r\n`;
  // What the first request makes for all of them is counted before.
  await ask(host, head, body);
  const before = await heldBytes();
  await Promise.all(Array.from({ length: STREAMS }, () => ask(host, head, body)));
  const each = ((await heldBytes()) - before) / STREAMS;
  expect(each).toBeLessThan(BODY_BYTES / 4);
});

it.each([
  { name: 'passed through', profile: 'claude' as const, whole: wholeMessage('Hello.') },
  { name: 'translated', profile: 'gpt' as const, whole: wholeChat('Hello.') },
])('[E11-01] a large request that one key refuses goes out whole with the next ($name)', async ({ profile, whole }) => {
  const host = await startRelayHost();
  await host.addKey(profile, 'sk-another-secret-of-the-pool-0123456789');
  host[profile].handle((_request, response, number) => {
    if (number === 1) sendJson(response, 401, { error: { type: 'authentication_error', message: 'no' } });
    else sendJson(response, 200, whole);
  });
  const text = 'A picture of words – '.repeat(50_000);
  const asked = { model: `${profile}/m`, max_tokens: 10, messages: [{ role: 'user', content: text }] };
  const answer = await host.post('/v1/messages', asked);
  expect(await answer.json()).toMatchObject({ content: [{ type: 'text', text: 'Hello.' }] });
  const seen = host[profile].requests;
  expect(seen.map(({ headers }) => [headers['content-length'], headers['transfer-encoding']])).toEqual(
    seen.map(({ bytes }) => [String(bytes.length), undefined]),
  );
  expect(seen.map(({ json }) => json['messages'])).toEqual([asked.messages, asked.messages]);
  expect(seen[0]?.bytes.equals(seen[1]?.bytes ?? Buffer.alloc(0))).toBe(true);
});

it('[E11-02] [E12] a stream that is passed on may be of any length: 70 MB come whole, and end in the upstream’s own way', async () => {
  const host = await startRelayHost();
  const frames = messageFrames('Hello');
  const piece = frames.find((frame) => frame.includes('text_delta'))?.replace('Hello', 'x'.repeat(1_000_000)) ?? '';
  host.claude.handle(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.slice(0, 3).join(''));
    for (let sent = 0; sent < 70; sent++) {
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end(frames.slice(-3).join(''));
  });
  const body = { model: 'claude/m', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'x' }] };
  const answer = await host.post('/v1/messages', body);
  let length = 0;
  let last = '';
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    last = `${last}${Buffer.from(chunk).toString('latin1')}`.slice(-200);
  }
  expect(length).toBeGreaterThan(70_000_000);
  expect(last.endsWith(frames.slice(-1).join(''))).toBe(true);
  expect((await host.booked(1)).map(({ outcome }) => outcome)).toEqual(['completed']);
});
