import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOwnHost, namedHost } from './request-guard.ts';

/** What a server makes of a request's head, byte by byte as Node parses it. */
async function readHost(head: string): Promise<string | undefined | null> {
  const seen: (string | undefined)[] = [];
  const server = createServer((incoming, response) => {
    seen.push(namedHost(incoming));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    socket.on('data', () => socket.end());
    socket.on('close', () => resolve());
  });
  return seen.length === 0 ? null : seen[0];
}

describe('the host that a request names', () => {
  it('[E1-08] [BUG-A32] is none where it names two, whichever comes first and however they are written', async () => {
    const own = 'Host: 127.0.0.1:47821\r\n';
    expect(await readHost(`GET / HTTP/1.1\r\n${own}Connection: close\r\n\r\n`)).toBe('127.0.0.1:47821');
    for (const other of ['Host: evil.example\r\n', 'hOST: 127.0.0.1:47821\r\n', 'HOST:\r\n']) {
      for (const head of [own + other, other + own])
        expect(await readHost(`GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)).not.toBe('127.0.0.1:47821');
    }
    expect(isOwnHost(undefined, 47821)).toBe(false);
  });
});
