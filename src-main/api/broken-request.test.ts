import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { MAX_HEAD_BYTES, refuseBrokenRequest } from './broken-request.ts';

let server: Server;
afterEach(() => server.close());

/** What comes back for what is said, on a server that begins each answer and leaves it open. */
async function said(...parts: string[]): Promise<string> {
  server = createServer({ maxHeaderSize: MAX_HEAD_BYTES }, (_request, response) =>
    response.writeHead(200).write('part'),
  );
  server.on('clientError', (error, line) => refuseBrokenRequest(error, line as Socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const line = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let got = '';
  const closed = new Promise((resolve) => line.once('close', resolve));
  line.on('error', () => undefined);
  const [first = '', ...others] = parts;
  line.on('data', (part) => {
    got += part.toString();
    const next = others.shift();
    if (next !== undefined) line.write(next);
  });
  line.write(first);
  await closed;
  return got;
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n';

it.each([
  ['a long address', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, 'request_too_large', '16 kB'],
  ['a long header', `${GET}x: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'request_too_large', '16 kB'],
  [
    'two lengths',
    `${GET}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
    400,
    'invalid_request_error',
    'Content-Length',
  ],
  [
    'a length and pieces',
    `${GET}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    400,
    'invalid_request_error',
    'Transfer-Encoding',
  ],
  ['a handshake of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'invalid_request_error', 'http://'],
])('[E11-06] %s is told in words that clients of every protocol read', async (_what, text, status, type, words) => {
  const got = await said(text);
  const [head = '', body = ''] = got.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*x-frame-options: DENY[^]*connection: close`));
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toEqual({
    type: 'error',
    error: { type, message: expect.stringContaining(words) as unknown, param: null, code: 'invalid_payload' },
  });
});

it('[E11-06] says nothing into an answer that has begun, and closes its line', async () => {
  const got = await said(`${GET}\r\n`, 'no request\r\n\r\n');
  expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*part\r\n$/);
});

it('[E11-06] says nothing to who said nothing: a later request there would take it for its answer', async () => {
  server = createServer();
  const taken = once(server, 'connection') as Promise<[Socket]>;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const line = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let got = '';
  line.on('data', (part) => (got += part.toString()));
  const [other] = await taken;
  refuseBrokenRequest(Object.assign(new Error('too late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), other);
  await once(line, 'close');
  expect(got).toBe('');
});
