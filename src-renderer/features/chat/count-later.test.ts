import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import { emptyRunView } from '#contract/run-view';
import { countLater } from './count-later.ts';

const row = (id: string, role: Message['role'], runId: string): Message =>
  emptyMessage({ id, session_id: 's', run_id: runId, role, created_at_ms: 0 });
const settled = [
  row('u1', 'user', 'a'),
  row('a1', 'assistant', 'a'),
  row('t1', 'tool', 'a'),
  row('a2', 'assistant', 'a'),
  row('u2', 'user', 'b'),
  row('a3', 'assistant', 'b'),
];

describe('messages that an edit sets aside', () => {
  it('are counted as a reader sees them: an answer with its tools is one', () => {
    const view = { ...emptyRunView('s'), settled };
    expect(countLater(view, 'u1')).toBe(3);
    expect(countLater(view, 'u2')).toBe(1);
    expect(countLater(view, 'a3')).toBe(0);
    expect(countLater(view, 'nobody')).toBe(0);
  });

  it('[E2-18] leave out what was sent into an answer', () => {
    const steered = [...settled.slice(0, 2), row('s1', 'user', 'a'), row('a5', 'assistant', 'a')];
    expect(countLater({ ...emptyRunView('s'), settled: steered }, 'u1')).toBe(1);
  });

  it('include the answer that is being written', () => {
    const live = [row('u3', 'user', 'c'), row('a4', 'assistant', 'c')];
    expect(countLater({ ...emptyRunView('s'), settled, live }, 'u2')).toBe(3);
  });
});
