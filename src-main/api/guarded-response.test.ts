import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { pageHeaders } from '#contract/page-headers';
import { ManualClock } from '../platform/clock.ts';
import { GuardedResponse } from './guarded-response.ts';
import { writeFrames } from './model-api/write-reply.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (response: ServerResponse) => void): Promise<number> {
  const server = createServer({ ServerResponse: GuardedResponse }, (_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** What one connection is told, in the pieces in which it arrived. */
async function ask(port: number): Promise<string[]> {
  const pieces: string[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (piece) => pieces.push(piece.toString('latin1')));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
  return pieces;
}

function headersIn(text: string): [string, string][] {
  const [head = ''] = text.split('\r\n\r\n');
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]);
}

const COMMON = Object.entries({ ...pageHeaders(false), 'x-frame-options': 'DENY' });

describe('[E1-08] every answer of the local server says what a browser may not do with it', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['with headers', (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('x')],
    ['with a reason', (response) => response.writeHead(404, 'Gone Away', { 'content-type': 'text/plain' }).end('x')],
    ['with a list', (response) => response.writeHead(200, ['content-type', 'text/plain']).end('x')],
    ['with a status only', (response) => response.writeHead(204).end()],
    ['without a head of its own', (response) => response.end('x')],
    [
      'with a header that was set before',
      (response) => {
        response.setHeader('x-spend-warning', 'near');
        response.writeHead(200, { 'content-type': 'text/plain' }).end('x');
      },
    ],
  ])('%s', async (_how, answer) => {
    const headers = headersIn((await ask(await serve(answer))).join(''));
    for (const [name, value] of COMMON) {
      expect(headers.filter(([each]) => each === name)).toEqual([[name, value]]);
    }
  });

  it('keeps what was set before and what is given', async () => {
    const port = await serve((response) => {
      response.setHeader('x-spend-warning', 'near');
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }).end('x');
    });
    const text = (await ask(port)).join('');
    expect(text).toMatch(/^HTTP\/1\.1 201 /);
    expect(headersIn(text)).toEqual(
      expect.arrayContaining([
        ['x-spend-warning', 'near'],
        ['content-type', 'text/plain'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    );
  });

  it('lets an answer leave one out', async () => {
    const port = await serve((response) => response.writeHead(200, { 'x-frame-options': undefined }).end('x'));
    const headers = headersIn((await ask(port)).join(''));
    expect(headers.filter(([name]) => name === 'x-frame-options')).toEqual([]);
    expect(headers.filter(([name]) => name === 'referrer-policy')).toHaveLength(1);
  });

  it('lets an answer say otherwise, once', async () => {
    const port = await serve((response) =>
      response.writeHead(200, { 'cross-origin-resource-policy': 'cross-origin' }).end('x'),
    );
    const headers = headersIn((await ask(port)).join(''));
    expect(headers.filter(([name]) => name === 'cross-origin-resource-policy')).toEqual([
      ['cross-origin-resource-policy', 'cross-origin'],
    ]);
  });
});

describe('[E11-02] the head of a stream', () => {
  const parts = { protocol: 'openai-chat', clock: new ManualClock(), scrub: (text: string) => text } as const;

  it('travels with the first frame where that is there already', async () => {
    const port = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // biome-ignore lint/suspicious/useAwait: frames are a generator that waits for nothing
      const frames = (async function* () {
        yield Buffer.from('data: 1\n\n');
      })();
      void writeFrames(response, frames, parts);
    });
    const [first = ''] = await ask(port);
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*data: 1\n\n/);
  });

  it('does not wait for a first frame', async () => {
    let say: () => void = () => undefined;
    const said = new Promise<void>((resolve) => {
      say = resolve;
    });
    const port = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const frames = (async function* () {
        await said;
        yield Buffer.from('data: 1\n\n');
      })();
      void writeFrames(response, frames, parts);
    });
    const socket = connect(port, '127.0.0.1');
    closing.push(async () => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const head = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
    say();
    await new Promise((resolve) => socket.once('close', resolve).resume());
  });
});
