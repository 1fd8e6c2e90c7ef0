import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { systemClock } from '../platform/clock.ts';
import { callFailureOf } from './call-failure.ts';
import { HttpClient } from './http-client.ts';
import { retryDelay } from './retry-delay.ts';
import { rejectionOf } from './testing/calls.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function portOf(server: Server): Promise<number> {
  closing.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** An upstream that says the same to whatever it is sent. */
const saying = (said: string | Buffer) =>
  portOf(createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end(said))));

function ask(url: string) {
  const http = new HttpClient();
  closing.push(() => http.close());
  return http.open(
    { method: 'POST', url, headers: {}, text: '{}' },
    {
      upstream: 'work',
      deadlines: { headersTimeoutMs: 5000, idleTimeoutMs: 5000, totalTimeoutMs: 10_000 },
      clock: systemClock,
      signal: new AbortController().signal,
      maxBytes: 1024 * 1024,
    },
  );
}

async function failureOf(asked: Promise<unknown>): Promise<AppFailure> {
  const thrown = await rejectionOf(asked);
  expect(thrown).toBeInstanceOf(AppFailure);
  return thrown as AppFailure;
}

it.each([
  ['a first line that is none', 'SSH-2.0-OpenSSH\r\n'],
  ['a hundred that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['another protocol that nobody asked for', 'HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
  ['a length and pieces', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}'],
])(
  '[E9-03] [E10-12] %s is told as no HTTP, not as a lost connection, and is not held against the key',
  async (_what, said) => {
    const failure = await failureOf(ask(`http://127.0.0.1:${await saying(said)}/`));
    expect([failure.code, failure.message]).toEqual(['upstream_bad_response', expect.stringContaining('speak HTTP')]);
    expect(callFailureOf(failure)).toMatchObject({ class: 'client_error', refused: false });
  },
);

it('[E9-03] [E10-12] headers without end are told as that, and are not held against the key; long ones are read', async () => {
  const answer = (bytes: number) => `HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: ${'y'.repeat(bytes)}\r\n\r\n{}`;
  const long = await ask(`http://127.0.0.1:${await saying(answer(60_000))}/`);
  expect([long.status, await long.text()]).toEqual([200, '{}']);
  const failure = await failureOf(ask(`http://127.0.0.1:${await saying(answer(70_000))}/`));
  expect([failure.code, failure.message]).toEqual([
    'upstream_bad_response',
    expect.stringContaining('more than 64 kB of headers'),
  ]);
  expect(callFailureOf(failure)).toMatchObject({ class: 'client_error', refused: false });
});

it('[E9-03] a server that refuses the handshake is not said to have a bad certificate', async () => {
  // A fatal alert: no protocol above TLS that both speak (RFC 7301, 3.2).
  const port = await saying(Buffer.from([0x15, 3, 3, 0, 2, 2, 120]));
  const { message, details } = await failureOf(ask(`https://127.0.0.1:${port}/`));
  expect(message).toContain('TLS 1.2 or newer');
  expect(details).toMatchObject({ networkCode: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
});

it('[E10-11] [E10-15] a connection that breaks in its handshake has carried nothing: it is tried again', async () => {
  const port = await portOf(
    createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy())),
  );
  const unsent = await failureOf(ask(`https://127.0.0.1:${port}/`));
  expect(callFailureOf(unsent)).toMatchObject({ class: 'unreachable', refused: true });
  expect(retryDelay(unsent, { attempt: 1, elapsedMs: 0 }, () => 0.5)).toBeGreaterThan(0);
  // The same behind a request may have been worked on.
  const sent = await failureOf(ask(`http://127.0.0.1:${port}/`));
  expect(callFailureOf(sent)).toMatchObject({ class: 'connection_lost', refused: false });
  expect(retryDelay(sent, { attempt: 1, elapsedMs: 0 }, () => 0.5)).toBeNull();
});
