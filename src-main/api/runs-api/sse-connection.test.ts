import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { SseConnection } from './sse-connection.ts';
import { toStreamBytes } from './sse-frame.ts';

/** A server's side of one connection, and what its client has received. */
async function openConnection(clock: ManualClock) {
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => void responses.push(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  const heard = { text: '' };
  socket.on('data', (part: Buffer) => {
    heard.text += part.toString();
  });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const response = await vi.waitFor(() => {
    const [first] = responses;
    if (first === undefined) throw new Error('Nobody asked yet.');
    return first;
  });
  return { connection: new SseConnection(response, clock, {}), socket, heard };
}

describe('an event stream', () => {
  it('[E8-08] says a comment after each 15 s of silence, and none while it talks', async () => {
    const clock = new ManualClock();
    const { connection, heard } = await openConnection(clock);
    clock.advance(14_999);
    connection.write(toStreamBytes('event: x\n\n'));
    clock.advance(14_999);
    await vi.waitFor(() => expect(heard.text).toContain('event: x'));
    expect(heard.text).not.toContain(': heartbeat');
    clock.advance(1);
    await vi.waitFor(() => expect(heard.text.split(': heartbeat\n\n')).toHaveLength(2));
    clock.advance(45_000);
    await vi.waitFor(() => expect(heard.text.split(': heartbeat\n\n')).toHaveLength(5));
    connection.end();
    expect(clock.pending).toBe(0);
  });

  it('[E8-12] a reader that takes nothing gets no comments either, and is sent away after two minutes: it did not leave', async () => {
    const clock = new ManualClock();
    const { connection, socket } = await openConnection(clock);
    socket.pause();
    // The system's own buffers take some megabytes before anybody notices.
    for (let n = 0; connection.isWritable && n < 10_000; n++) connection.write(toStreamBytes('x'.repeat(65_536)));
    expect(connection.isWritable).toBe(false);
    expect(clock.pending).toBe(1);
    clock.advance(119_999);
    expect(connection.isClosed).toBe(false);
    clock.advance(1);
    await vi.waitFor(() => expect(connection.isClosed).toBe(true));
    expect(connection.isLeft).toBe(false);
  });

  it('[E8-08] is framed once for all, and every HTTP client reads the same bytes, also one that knows no chunks', async () => {
    const frames = ['event: a\ndata: "🦊"\n\n', 'x'.repeat(70_000), 'event: end\n\n'].map(toStreamBytes);
    const said = frames.map((frame) => frame.body.toString()).join('');
    for (const version of ['1.1', '1.0']) {
      const server = createServer((_request, response) => {
        const connection = new SseConnection(response, new ManualClock(), { 'x-a': 'b' });
        const [first, ...others] = frames;
        if (first !== undefined) connection.write(first);
        connection.write(...others);
        connection.end(toStreamBytes('last'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      if (version === '1.1') {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        expect(await response.text()).toBe(`${said}last`);
        expect(response.headers.get('x-a')).toBe('b');
        // The line is good for another request afterwards.
        expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`${said}last`);
        continue;
      }
      const socket = connect(port, '127.0.0.1');
      socket.write('GET / HTTP/1.0\r\n\r\n');
      const parts: Buffer[] = [];
      for await (const part of socket) parts.push(part as Buffer);
      expect(Buffer.concat(parts).toString().split('\r\n\r\n')[1]).toBe(`${said}last`);
    }
  });

  it('[E8-08] a reader that reads again after a minute has its next comment within 15 s', async () => {
    const clock = new ManualClock();
    const { connection, socket, heard } = await openConnection(clock);
    socket.pause();
    for (let n = 0; connection.isWritable && n < 10_000; n++) connection.write(toStreamBytes('x'.repeat(65_536)));
    clock.advance(60_000);
    const woken = new Promise<void>((resolve) => {
      connection.wake = resolve;
    });
    socket.resume();
    await woken;
    expect(connection.isWritable).toBe(true);
    clock.advance(15_000);
    await vi.waitFor(() => expect(heard.text).toContain(': heartbeat'), { timeout: 15_000 });
    connection.end();
    // Nothing is said behind the end, where the line may serve somebody else.
    const said = heard.text.length;
    connection.write(toStreamBytes('stray'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.text.slice(said)).not.toContain('stray');
    expect(clock.pending).toBe(0);
  });

  it('[E8-11] a reader that goes has left', async () => {
    const clock = new ManualClock();
    const { connection, socket } = await openConnection(clock);
    const woken = new Promise<void>((resolve) => {
      connection.wake = resolve;
    });
    socket.destroy();
    await once(socket, 'close');
    await woken;
    expect([connection.isClosed, connection.isLeft, clock.pending]).toEqual([true, true, 0]);
  });
});
