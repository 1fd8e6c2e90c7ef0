import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isForeignFetch, isOwnHost, namedHost } from './request-guard.ts';

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

describe('a request that a browser makes', () => {
  const ask = (site: string | undefined, mode: string, dest: string, method = 'GET') => ({
    method,
    headers: {
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
      'sec-fetch-mode': mode,
      'sec-fetch-dest': dest,
    },
  });

  it.each(['cross-site', 'same-site'])(
    '[E1-08] [BUG-A31] for another page (%s) is foreign, whatever it fetches',
    (site) => {
      for (const dest of [
        'image',
        'script',
        'style',
        'font',
        'video',
        'empty',
        'iframe',
        'object',
        'serviceworker',
        'manifest',
      ])
        expect(isForeignFetch(ask(site, 'no-cors', dest), '/assets/index.js'), dest).toBe(true);
      expect(isForeignFetch(ask(site, 'navigate', 'iframe'), '/'), 'a frame').toBe(true);
      expect(isForeignFetch(ask(site, 'navigate', 'document', 'POST'), '/'), 'a form').toBe(true);
      expect(isForeignFetch(ask(site, 'no-cors', 'image'), '/socket.io/'), 'a handshake').toBe(true);
    },
  );

  it('[E1-08] for our own page, for a person, for a link that is followed and for no browser at all is not', () => {
    expect(isForeignFetch(ask('same-origin', 'cors', 'empty', 'POST'), '/api/app/app.info')).toBe(false);
    expect(isForeignFetch(ask('none', 'navigate', 'document'), '/')).toBe(false);
    expect(isForeignFetch(ask('cross-site', 'navigate', 'document'), '/')).toBe(false);
    expect(isForeignFetch(ask(undefined, '', ''), '/v1/models')).toBe(false);
  });

  it('[E6-07] for the scripts beside a frame that draws is not: its origin is none', () => {
    expect(isForeignFetch(ask('cross-site', 'no-cors', 'script'), '/frames/mermaid.js')).toBe(false);
    expect(isForeignFetch(ask('cross-site', 'no-cors', 'script', 'POST'), '/frames/mermaid.js')).toBe(true);
  });
});
