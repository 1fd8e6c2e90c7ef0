import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { hearOut } from './hearing-out.ts';
import { HttpClient } from './http-client.ts';

const REFUSAL = '{"error":{"message":"Slow down."}}';
const REFUSED = `HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: ${REFUSAL.length}\r\n`;
const LARGE = Buffer.alloc(20 * 1024 * 1024, 'x');

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function openClient(): HttpClient {
  const http = new HttpClient();
  closing.push(() => http.close());
  return http;
}

const ask = (http: HttpClient, port: number, bytes: Uint8Array) =>
  http.open(
    { method: 'POST', url: `http://127.0.0.1:${port}/`, headers: {}, bytes },
    {
      upstream: 'test',
      deadlines: { headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 10_000 },
      clock: systemClock,
      signal: new AbortController().signal,
      maxBytes: 1024 * 1024,
    },
  );

it('[E10-11] [E11-06] what an upstream said before it closed is read, though more could not be written', async () => {
  const server = createServer((other) => other.once('data', () => other.end('said before')));
  closing.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  const writes = [socket._write.bind(socket)];
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  socket._write = (chunk, encoding, done) => {
    const write = writes.shift();
    if (write === undefined) done(broken);
    else write(chunk, encoding, done);
  };
  hearOut(socket);
  const heard: string[] = [];
  socket.on('data', (part) => heard.push(part.toString()));
  socket.on('error', (error) => heard.push(error.message));
  socket.write('a request');
  socket.write('and the rest of it');
  await new Promise((resolve) => socket.once('close', resolve));
  expect(heard).toEqual(['said before', 'write EPIPE']);
});

/**
 * An upstream in a thread of its own, so that it answers and closes while a request is being written: at once or 2 ms later, in
 * order or by a reset, and with and without saying so.
 */
const HASTY = `
  const { createServer } = require('node:net');
  let number = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const [isSaid, isReset, isLate] = [1, 2, 4].map((bit) => (number & bit) > 0);
      number++;
      socket.pause();
      const bye = () => (isReset ? socket.resetAndDestroy() : socket.destroy());
      socket.write(\`${REFUSED}\${isSaid ? 'connection: close\\r\\n' : ''}\\r\\n${REFUSAL}\`, () => (isLate ? setTimeout(bye, 2) : bye()));
    });
  });
  server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));
`;

it('[E10-11] [E11-06] a refusal in the middle of a large request is one, however its connection ends', async () => {
  const upstream = new Worker(HASTY.replaceAll('\r\n', String.raw`\r\n`), { eval: true });
  closing.push(() => upstream.terminate());
  const [port] = (await once(upstream, 'message')) as [number];
  const http = openClient();
  for (let round = 0; round < 80; round++) {
    const answer = await ask(http, port, LARGE);
    expect([answer.status, answer.header('retry-after'), await answer.refusal()]).toEqual([429, '7', REFUSAL]);
  }
});
