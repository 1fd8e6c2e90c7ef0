import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { ManualClock, systemClock } from '../platform/clock.ts';
import { SecretScrubber } from '../platform/scrub.ts';
import { ApiDoor, type ApiDoorParts } from './api-door.ts';
import { type ApiRoute, json } from './api-route.ts';
import { AuthThrottle } from './auth-throttle.ts';
import { HttpFailure } from './http-failure.ts';

const ROUTE: ApiRoute = {
  method: 'GET',
  path: '/v1/thing',
  operationId: 'getThing',
  summary: 'A thing.',
  scope: null,
  answer: () => json({ thing: true }),
};

const OPERATIONS = {
  routes: [ROUTE],
  unknown: {
    has: (path: string) => path === '/v1/unknown',
    failure: () => new HttpFailure(404, 'unknown_route', 'You may mean another.'),
    told: () => ({ status: 404, headers: {}, text: '{"error":"in its own shape"}' }),
  },
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A door on a server of its own, whose operations come from `operations`. */
async function open(
  operations: ApiDoorParts['operations'],
  parts: Partial<ApiDoorParts> = {},
): Promise<{ door: ApiDoor; url: string; told: string[] }> {
  const told: string[] = [];
  const door = new ApiDoor({
    operations,
    token: 'the-owner',
    keys: { onRevoke: () => undefined, identify: () => null } as unknown as ApiDoorParts['keys'],
    throttle: new AuthThrottle(systemClock),
    metrics: { answered: () => undefined } as unknown as ApiDoorParts['metrics'],
    clock: systemClock,
    logger: {
      info: () => undefined,
      error: (details: object) => told.push(JSON.stringify(details)),
    } as unknown as ApiDoorParts['logger'],
    scrubber: new SecretScrubber(),
    onDamage: () => undefined,
    ...parts,
  });
  const server = createServer((request, response) => void door.answer(request, response, request.url ?? '/'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { door, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

it('brings its operations in with the first request, once, and answers it as any other', async () => {
  let loads = 0;
  const { door, url } = await open(() => {
    loads += 1;
    return Promise.resolve(OPERATIONS);
  });
  expect(loads).toBe(0);
  const both = await Promise.all([fetch(`${url}/v1/thing`), fetch(`${url}/v1/thing`)]);
  expect(await Promise.all(both.map((response) => response.json()))).toEqual([{ thing: true }, { thing: true }]);
  expect(await door.has('/v1/thing')).toBe(true);
  expect(await door.has('/v1/other')).toBe(false);
  expect(await door.has('/v1/unknown')).toBe(true);
  expect(loads).toBe(1);
});

it('tells and logs that its operations could not be loaded, and tries again for the next request', async () => {
  let loads = 0;
  const { url, told } = await open(() => {
    loads += 1;
    return loads === 1 ? Promise.reject(new Error('the file is gone')) : Promise.resolve(OPERATIONS);
  });
  const first = await fetch(`${url}/v1/thing`);
  expect(first.status).toBe(500);
  expect(await first.json()).toMatchObject({ code: 'internal' });
  expect(told.join()).toContain('the file is gone');
  expect(await (await fetch(`${url}/v1/thing`)).json()).toEqual({ thing: true });
});

it('[decision 23] guesses beside a right key are slowed, and what another service left there is not', async () => {
  const clock = new ManualClock();
  const routes = [{ ...ROUTE, scope: 'models:use' as const }];
  const { url } = await open(() => Promise.resolve({ ...OPERATIONS, routes }), { throttle: new AuthThrottle(clock) });
  const { host } = new URL(url);
  const line = connect(Number(host.split(':')[1]), '127.0.0.1');
  closing.unshift(() => Promise.resolve(line.destroy()));
  const show = (wrong: string) =>
    line.write(
      `GET /v1/thing HTTP/1.1\r\nhost: ${host}\r\nx-api-key: the-owner\r\nauthorization: Bearer ${wrong}\r\n\r\n`,
    );
  const answered = async () => String(((await once(line, 'data')) as [Buffer])[0]).slice(0, 12);
  for (const wrong of ['left', 'left', 'left', 'left', 'left', 'guess-1', 'guess-2']) {
    show(wrong);
    expect(await answered()).toBe('HTTP/1.1 200');
  }
  show('guess-3');
  await vi.waitFor(() => expect(clock.pending).toBe(1));
  clock.advance(250);
  expect(await answered()).toBe('HTTP/1.1 200');
});
