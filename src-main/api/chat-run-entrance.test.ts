import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { connectChat } from '../testing/chat-client.ts';
import { AuthThrottle } from './auth-throttle.ts';
import { type ChatRunEntrance, openChatRunEntrance } from './chat-run-entrance.ts';

const TOKEN = 'the owner';
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as Logger;

/** A server with an entrance and nothing else. */
async function open(): Promise<{ server: Server; entrance: ChatRunEntrance; port: number }> {
  const server = createServer((request, response) => {
    const taken = entrance.answer(request, response);
    if (taken === null) response.writeHead(404).end();
    else taken.catch(() => response.destroy());
  });
  const entrance = openChatRunEntrance(server, {
    router: {
      dispatch: () => Promise.resolve({ ok: true, data: 'answered' }),
      attach: () => undefined,
      detach: () => undefined,
    },
    token: TOKEN,
    throttle: new AuthThrottle(systemClock),
    port: () => (server.address() as AddressInfo).port,
    logger: SILENT,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    await entrance.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, entrance, port: (server.address() as AddressInfo).port };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Asks for a WebSocket, byte by byte. */
async function askForUpgrade(port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  return socket;
}

describe('the entrance of the chat-run socket', () => {
  it.each([['websocket'], ['polling']])(
    'the first connections, all before the code is there, are let in by %s like later ones',
    async (transport) => {
      const { port } = await open();
      const connectOne = () => connectChat(`http://127.0.0.1:${port}`, { token: TOKEN, transports: [transport] });
      const clients = await Promise.all([connectOne(), connectOne(), connectOne()]);
      clients.push(await connectOne());
      for (const client of clients) {
        expect(await client.ask('resume', { session_id: 's' })).toMatchObject({ ok: true });
        client.socket.disconnect();
      }
    },
  );

  it('a wrong token is refused also when it comes first', async () => {
    const { port } = await open();
    await expect(connectChat(`http://127.0.0.1:${port}`, { token: 'not the owner' })).rejects.toThrow(
      'Authentication failed',
    );
  });

  it('a connection that breaks while it waits harms nobody', async () => {
    const { server, port } = await open();
    const reached = once(server, 'upgrade');
    const socket = await askForUpgrade(port, '/socket.io/?EIO=4&transport=websocket');
    const [, held] = (await reached) as [unknown, Socket];
    held.destroy(new Error('the line broke'));
    await once(socket, 'close');
    const client = await connectChat(`http://127.0.0.1:${port}`, { token: TOKEN });
    client.socket.disconnect();
  });

  it('closed while a connection waits, it lets go of it and takes no other', async () => {
    const { server, entrance, port } = await open();
    const reached = once(server, 'upgrade');
    const socket = await askForUpgrade(port, '/socket.io/?EIO=4&transport=websocket');
    const said: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => said.push(bytes));
    await reached;
    const gone = once(socket, 'close');
    await entrance.close();
    await gone;
    expect(Buffer.concat(said).toString()).toBe('');
    expect(server.listenerCount('upgrade')).toBe(0);
  });
});
