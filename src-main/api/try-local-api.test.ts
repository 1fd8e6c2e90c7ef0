import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { tryLocalApi } from './try-local-api.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clock = new ManualClock();
const trial = (url: string | null, signal = new AbortController().signal) =>
  tryLocalApi({ url, token: 'the owner', profile: 'work', clock, signal });

it('[E11-06] asks the profile’s own model for one word, over the address', async () => {
  let asked: unknown;
  let key: unknown;
  const url = await serve((request, response) => {
    key = request.headers['x-api-key'];
    void json(request).then((body) => {
      asked = body;
      response.end(JSON.stringify({ content: [{ type: 'thinking' }, { type: 'text', text: ' OK ' }] }));
    });
  });
  expect(await trial(url)).toEqual({ ok: true, status: 200, text: 'OK', message: null, durationMs: 0 });
  expect(asked).toMatchObject({ model: 'work/', max_tokens: 256 });
  expect(key).toBe('the owner');
});

it('[E11-06] says what the server said, and where it was none of ours', async () => {
  const refusing = await serve((_request, response) => {
    response.statusCode = 502;
    response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'All keys rest.' } }));
  });
  expect(await trial(refusing)).toMatchObject({ ok: false, status: 502, message: 'All keys rest.' });
  const foreign = await serve((_request, response) => response.end('<html>Hello</html>'));
  expect(await trial(foreign)).toMatchObject({ ok: false, status: 200, text: null });
  for (const odd of ['null', '[]', '{"content":[null]}', '"x"']) {
    const url = await serve((_request, response) => response.end(odd));
    expect(await trial(url)).toMatchObject({ status: 200 });
  }
});

it('[E11-06] never rejects: off, nobody there, silent, or ended with the host', async () => {
  const off = await trial(null);
  expect(off).toMatchObject({ ok: false, status: null });
  expect(off.message).toContain('is off');
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const nobody = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  await new Promise((resolve) => closed.close(resolve));
  expect((await trial(nobody)).message).toContain('ECONNREFUSED');

  let arrived: () => void = () => undefined;
  const there = new Promise<void>((resolve) => (arrived = resolve));
  const silent = await serve(() => arrived());
  const waiting = trial(silent);
  await there;
  clock.advance(60_000);
  expect(await waiting).toMatchObject({ ok: false, message: 'No answer came within 60 seconds.' });

  const host = new AbortController();
  host.abort();
  expect(await trial(silent, host.signal)).toMatchObject({ ok: false, status: null });
});
