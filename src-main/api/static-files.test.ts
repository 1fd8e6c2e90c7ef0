import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { framePolicy } from '#contract/frame-url';
import { pageHeaders } from '#contract/page-headers';
import { tempDir } from '../testing/temp-dir.ts';
import { GuardedResponse } from './guarded-response.ts';
import { contentSecurityPolicy, FRAME_CONNECTIONS, PAGE_CONNECTIONS, serveStatic } from './static-files.ts';

/** All that an answer says, but for what every server says of itself. */
async function headersOf(path: string): Promise<Record<string, string>> {
  const root = join(tempDir(), 'renderer');
  for (const folder of ['assets', 'frames']) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['index.html', 'assets/a-1.js', 'frames/diagram.html']) writeFileSync(join(root, file), 'x');
  const server = createServer({ ServerResponse: GuardedResponse }, (request, response) => {
    void serveStatic(response, root, request.url ?? '/', { port: 4711, head: false });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const { date: _date, connection: _line, 'keep-alive': _alive, ...said } = Object.fromEntries(answer.headers);
  return said;
}

const policy = contentSecurityPolicy(4711);

it.each([
  ['/', 'text/html; charset=utf-8', 'no-cache'],
  ['/assets/a-1.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
])('[E1-01] [E1-08] %s says all of this and nothing else', async (path, type, cache) => {
  expect(await headersOf(path)).toEqual({
    ...pageHeaders(false),
    'x-frame-options': 'DENY',
    'content-type': type,
    'content-length': '1',
    'content-security-policy': policy,
    'connection-allowlist': PAGE_CONNECTIONS,
    'cache-control': cache,
  });
});

it('[E6-07] what belongs to a frame has the frame’s policy, and our page may frame it', async () => {
  expect(await headersOf('/frames/diagram.html')).toEqual({
    ...pageHeaders(true),
    'content-type': 'text/html; charset=utf-8',
    'content-length': '1',
    'content-security-policy': framePolicy(['http://127.0.0.1:4711', 'http://localhost:4711']),
    'connection-allowlist': FRAME_CONNECTIONS,
    'cache-control': 'no-cache',
  });
});
