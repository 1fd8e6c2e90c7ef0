import { describe, expect, it } from 'vitest';
import { exitCodeOf, run } from './child.mjs';

const node = process.execPath;

describe('child processes', () => {
  it('the exit code is the child’s own, or 128 and its signal', () => {
    expect(exitCodeOf(3, null)).toBe(3);
    expect(exitCodeOf(null, 'SIGTERM')).toBe(143);
  });

  it('captured output holds both streams', async () => {
    const ended = await run(node, ['-e', 'console.log("out"); console.error("err"); process.exit(5)'], {
      capture: true,
    });
    expect(ended.code).toBe(5);
    expect(ended.output).toContain('out\n');
    expect(ended.output).toContain('err\n');
  });

  it('a command that is not there ends with 127 and says so', async () => {
    const ended = await run('/nowhere/command', [], { capture: true });
    expect(ended.code).toBe(127);
    expect(ended.output).toContain('/nowhere/command');
  });

  it('a deadline ends a child that does not', async () => {
    const ended = await run(node, ['-e', 'setInterval(() => {}, 1000)'], { capture: true, timeoutMs: 50 });
    expect(ended.code).toBe(137);
  });
});
