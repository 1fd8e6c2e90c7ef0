import { expect, test } from 'vitest';
import { emptyMessage } from '#contract/message';
import type { Turn } from './group-turns.ts';
import { estimateTurnPx, firstOfEnd, rememberTurnPx, textLines, turnPx } from './turn-height.ts';

function turn(key: string, answer: string): Turn {
  const row = emptyMessage({ id: `${key} a`, session_id: 's', run_id: key, role: 'assistant', created_at_ms: 0 });
  return { key, runId: key, user: null, rows: [{ ...row, content: answer }], run: null };
}

test('a text has a line for each end of line, and more for long ones', () => {
  expect(textLines('')).toBe(1);
  expect(textLines('a\nb\n')).toBe(3);
  expect(textLines('x'.repeat(84 * 3))).toBe(3);
});

test('a turn that was measured is as high as it was; others grow with their text', () => {
  expect(estimateTurnPx(turn('long', 'word '.repeat(2000)))).toBeGreaterThan(estimateTurnPx(turn('short', 'word')));
  rememberTurnPx('known', 1234);
  expect(turnPx(turn('known', 'word'))).toBe(1234);
});

test('as many turns are drawn at once as fill the window, the last one always', () => {
  const turns = Array.from({ length: 100 }, (_, index) => turn(`t${index}`, 'word'));
  const first = firstOfEnd(turns, 800);
  const filled = turns.slice(first).reduce((sum, each) => sum + turnPx(each), 0);
  expect(filled).toBeGreaterThanOrEqual(800);
  expect(filled - turnPx(turns[first] as Turn)).toBeLessThan(800);
  expect(firstOfEnd([turn('giant', 'x'.repeat(1_000_000))], 800)).toBe(0);
  expect(firstOfEnd([], 800)).toBe(0);
});
