import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { endStuckReader } from './stuck-reader.ts';

const MEGABYTE = 'x'.repeat(1024 * 1024);

function openLine() {
  const line = { ...pairOf(new EventEmitter()), closed: [] as boolean[], nowMs: 0 };
  endStuckReader({ on: line.on, close: (discard) => line.closed.push(discard) }, () => line.nowMs);
  const send = (megabytes: number) => {
    for (let at = 0; at < megabytes; at++) line.emit('packetCreate', { data: MEGABYTE });
  };
  return { line, send, flush: () => line.emit('flush') };
}

const pairOf = (emitter: EventEmitter) => ({ on: emitter.on.bind(emitter), emit: emitter.emit.bind(emitter) });

it('[E1-07] a line whose reader takes nothing for ten seconds while 32 MB wait is ended, and what waits with it', () => {
  const { line, send } = openLine();
  send(40);
  line.nowMs = 10_000;
  send(1);
  expect(line.closed).toEqual([]);
  line.nowMs = 10_001;
  send(1);
  expect(line.closed).toEqual([true]);
});

it('[E1-07] a reader that is slow, one that has little to wait for, and one large packet after a pause are left alone', () => {
  const slow = openLine();
  for (let round = 0; round < 20; round++) {
    slow.send(40);
    slow.line.nowMs += 9000;
    slow.flush();
  }
  const idle = openLine();
  for (let round = 0; round < 20; round++) {
    idle.send(1);
    idle.line.nowMs += 60_000;
  }
  const paused = openLine();
  paused.send(1);
  paused.flush();
  paused.line.nowMs = 3_600_000;
  paused.send(40);
  expect([slow, idle, paused].map(({ line }) => line.closed)).toEqual([[], [], []]);
});
