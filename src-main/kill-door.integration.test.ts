import { io } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';
import { startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

it('[BUG-A30] [decision 39] no other token opens the host: not a wrong one, not a part of it, not none', async () => {
  const host = await startHeadlessProcess(tempDir());
  onTestFinished(() => host.kill());
  const ask = (headers: Record<string, string>) =>
    fetch(`${host.url}/api/app/app.info`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    }).then((response) => response.status);
  const join = (token: unknown) =>
    new Promise<string>((resolve) => {
      const socket = io(`${host.url}/chat-run`, { auth: { token }, transports: ['websocket'], reconnection: false });
      onTestFinished(() => void socket.disconnect());
      socket.once('connect', () => resolve('let in'));
      socket.once('connect_error', (error) => resolve(error.message));
    });
  expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(200);
  expect(await join(TOKEN)).toBe('let in');
  for (const wrong of ['other-token', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), '']) {
    expect(await ask({ authorization: `Bearer ${wrong}` }), `“${wrong}”`).toBe(401);
    expect(await ask({ 'x-api-key': wrong }), `“${wrong}”`).toBe(401);
    expect(await join(wrong), `“${wrong}”`).toBe('Authentication failed');
  }
  expect(await ask({})).toBe(401);
  expect(await join(undefined)).toBe('Authentication failed');
}, 30_000);
