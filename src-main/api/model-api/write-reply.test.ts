import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { AppFailure } from '../../platform/app-failure.ts';
import { ManualClock } from '../../platform/clock.ts';
import { PING_EVERY_MS, writeFrames } from './write-reply.ts';

/** What a program's socket takes, and how much of it before it is full. */
class Socket extends Writable {
  text = '';
  #go: (() => void) | null = null;
  readonly #isSlow: boolean;

  constructor(isSlow = false) {
    super({ highWaterMark: 8 });
    this.#isSlow = isSlow;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.#isSlow) this.#go = done;
    else done();
  }

  take(): void {
    this.#go?.();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function source() {
  const waiting: ((result: IteratorResult<Buffer, void>) => void)[] = [];
  const failing: ((thrown: unknown) => void)[] = [];
  let isReturned = false;
  const frames = {
    next: () =>
      new Promise<IteratorResult<Buffer, void>>((resolve, reject) => {
        waiting.push(resolve);
        failing.push(reject);
      }),
    return: () => {
      isReturned = true;
      return Promise.resolve({ done: true as const, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  } as unknown as AsyncGenerator<Buffer, void, undefined>;
  return {
    frames,
    say: (text: string) => waiting.shift()?.({ done: false, value: Buffer.from(text) }),
    end: () => waiting.shift()?.({ done: true, value: undefined }),
    fail: (thrown: unknown) => failing.at(-1)?.(thrown),
    get asked() {
      return waiting.length;
    },
    get isReturned() {
      return isReturned;
    },
  };
}

it.each([
  ['anthropic-messages', 'event: ping\ndata: {"type": "ping"}\n\n'],
  ['openai-chat', ': ping\n\n'],
  ['openai-responses', ': ping\n\n'],
] as const)(
  '[E11-02] %s: says a sign of life for each 15 s of silence, between frames and never after the end',
  async (protocol, ping) => {
    const clock = new ManualClock();
    const socket = new Socket();
    const from = source();
    const written = writeFrames(socket as unknown as ServerResponse, from.frames, {
      protocol,
      clock,
      scrub: (text) => text,
    });
    from.say('data: 1\n\n');
    await turn();
    clock.advance(PING_EVERY_MS - 1);
    expect(socket.text).toBe('data: 1\n\n');
    clock.advance(1);
    clock.advance(PING_EVERY_MS);
    expect(socket.text).toBe(`data: 1\n\n${ping}${ping}`);
    from.say('data: 2\n\n');
    await turn();
    from.end();
    expect(await written).toBe('written');
    clock.advance(10 * PING_EVERY_MS);
    expect(socket.text).toBe(`data: 1\n\n${ping}${ping}data: 2\n\n`);
    expect(clock.pending).toBe(0);
  },
);

it('[E11-02] silence is counted from the last frame, also where the clock was set back', async () => {
  const clock = new ManualClock();
  const socket = new Socket();
  const from = source();
  const parts = { protocol: 'openai-chat', clock, scrub: (text: string) => text } as const;
  const written = writeFrames(socket as unknown as ServerResponse, from.frames, parts);
  clock.advance(10_000);
  from.say('data: 1\n\n');
  await turn();
  clock.advance(PING_EVERY_MS - 1);
  expect(socket.text).toBe('data: 1\n\n');
  clock.advance(1);
  expect(socket.text).toBe('data: 1\n\n: ping\n\n');
  clock.now = () => 0;
  clock.advance(PING_EVERY_MS);
  expect(socket.text).toBe('data: 1\n\n: ping\n\n: ping\n\n');
  from.end();
  await written;
  expect(clock.pending).toBe(0);
});

it('[BUG-D8] tells what broke as the last word, scrubbed', async () => {
  const clock = new ManualClock();
  const socket = new Socket();
  const from = source();
  const written = writeFrames(socket as unknown as ServerResponse, from.frames, {
    protocol: 'anthropic-messages',
    clock,
    scrub: (text) => text.replace('sk-secret', '[secret]'),
  });
  from.say('data: 1\n\n');
  await turn();
  from.fail(new AppFailure('upstream_lost', 'cut sk-secret'));
  expect(await written).toMatchObject({ thrown: expect.any(AppFailure) as unknown });
  expect(socket.text).toMatch(
    /^data: 1\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"Connection lost: cut \[secret\]"\}\}\n\n$/,
  );
});

it.each([
  ['goes on after the last number', ['data: {"type":"a","sequence_number":7}\n\n'], 8],
  [
    'reads the number of the event, not one that its text speaks of',
    ['data: {"type":"a","sequence_number":3,"delta":"\\"sequence_number\\":90"}\n\n'],
    4,
  ],
  ['passes over signs of life', ['data: {"type":"a","sequence_number":5}\n\n: ping\n\n', ': ping\n\n'], 6],
  ['begins with 0 where nothing was counted', [': ping\n\n'], 0],
])('[E11-02][BUG-D8] an error within a responses stream %s', async (_what, said, number) => {
  const socket = new Socket();
  const from = source();
  const written = writeFrames(socket as unknown as ServerResponse, from.frames, {
    protocol: 'openai-responses',
    clock: new ManualClock(),
    scrub: (text) => text,
  });
  for (const text of said) {
    from.say(text);
    await turn();
  }
  from.fail(new AppFailure('upstream_lost', 'cut'));
  await written;
  const last = socket.text.split('\n\n').at(-2) ?? '';
  expect(JSON.parse(last.slice(last.indexOf('{')))).toMatchObject({ type: 'error', sequence_number: number });
});

it('asks for no more while the program takes nothing, and gives up on one that never does', async () => {
  const clock = new ManualClock();
  const socket = new Socket(true);
  const from = source();
  const written = writeFrames(socket as unknown as ServerResponse, from.frames, {
    protocol: 'openai-chat',
    clock,
    scrub: (text) => text,
  });
  from.say('data: a long frame\n\n');
  await turn();
  expect(from.asked).toBe(0);
  socket.take();
  await turn();
  expect(from.asked).toBe(1);
  from.say('data: another one\n\n');
  await turn();
  clock.advance(120_000);
  expect(await written).toBe('left');
  expect(from.isReturned).toBe(true);
});
