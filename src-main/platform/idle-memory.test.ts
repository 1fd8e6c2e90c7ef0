import { expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { keepIdleMemorySmall } from './idle-memory.ts';

const MB = 1024 * 1024;

function processWith(heldMb: number) {
  const clock = new ManualClock();
  const now = { heldMb, cpuMs: 0, isAtRest: true, collections: 0, leavesMb: heldMb };
  const end = keepIdleMemorySmall({
    clock,
    isAtRest: () => now.isAtRest,
    process: { cpuMs: () => now.cpuMs, heldBytes: () => now.heldMb * MB },
    collect: () => {
      now.collections++;
      now.heldMb = now.leavesMb;
    },
  });
  /** So many looks, one after the other, as the real clock has them. */
  const pass = (looks: number, cpuMs = 1) => {
    for (let look = 0; look < looks; look++) {
      now.cpuMs += cpuMs;
      clock.advance(10_000);
    }
  };
  return { clock, now, pass, end };
}

it('[E5-09] what a time of work left is given back once nothing goes on, and only once', () => {
  const { now, pass } = processWith(40);
  now.heldMb = 200;
  pass(5);
  expect(now.collections).toBe(0);
  pass(1);
  expect(now.collections).toBe(1);
  pass(100);
  expect(now.collections).toBe(1);
  now.heldMb = 90;
  pass(6);
  expect(now.collections).toBe(2);
});

it('[E5-09] no pause while something is under way, or takes the processor', () => {
  const { now, pass } = processWith(40);
  now.heldMb = 200;
  now.isAtRest = false;
  pass(10);
  now.isAtRest = true;
  pass(5);
  pass(10, 500);
  expect(now.collections).toBe(0);
  pass(5);
  now.isAtRest = false;
  pass(1);
  now.isAtRest = true;
  pass(5);
  expect(now.collections).toBe(0);
  pass(1);
  expect(now.collections).toBe(1);
});

it('[E5-09] no pause for little, nor again for what a collection cannot give back', () => {
  const { now, pass } = processWith(40);
  now.heldMb = 60;
  pass(20);
  expect(now.collections).toBe(0);
  now.heldMb = 120;
  now.leavesMb = 110;
  pass(20);
  expect(now.collections).toBe(1);
  now.heldMb = 135;
  pass(20);
  expect(now.collections).toBe(1);
});

it('[E5-09] nobody looks any more once it has ended', () => {
  const { clock, now, pass, end } = processWith(40);
  now.heldMb = 200;
  end();
  pass(10);
  expect(now.collections).toBe(0);
  expect(clock.pending).toBe(0);
});
