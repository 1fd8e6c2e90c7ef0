import { describe, expect, it } from 'vitest';
import { emptyMessage, type Message } from '#contract/message';
import type { RunState } from '#contract/records';
import type { LiveRun } from '#contract/run-view';
import { liveWords } from './live-words.ts';

const run = (state: RunState): LiveRun => ({
  runId: 'r',
  state,
  profile: 'demo',
  model: null,
  startedAtMs: 1000,
  firstPartAtMs: null,
  retry: null,
});
const row = (role: Message['role'], change: Partial<Message> = {}): Message => ({
  ...emptyMessage({ id: 'm', session_id: 's', run_id: 'r', role, created_at_ms: 5000 }),
  ...change,
});

describe('live line', () => {
  it.each([
    ['preparing', [], 'preparing'],
    ['compressing', [], 'compacting'],
    ['starting', [], 'connecting'],
    ['running', [], 'waiting'],
    ['running', [row('assistant', { reasoning: 'hm' })], 'thinking'],
    ['running', [row('assistant', { reasoning: 'hm', content: 'so' })], 'writing'],
    ['running', [row('assistant'), row('tool', { tool_state: 'running', tool_name: 'query' })], 'tool'],
    ['running', [row('tool', { tool_state: 'done' })], 'waiting'],
    ['waiting', [row('assistant', { content: 'so' })], 'needs'],
    ['aborting', [row('assistant', { content: 'so' })], 'stopping'],
  ] as const)('%s with these rows reads %3$s', (state, rows, key) => {
    expect(liveWords(run(state), [...rows], false).key).toBe(key);
  });

  it('counts thinking and tools from their own start', () => {
    expect(liveWords(run('running'), [row('assistant', { reasoning: 'hm' })], false).sinceMs).toBe(5000);
    expect(liveWords(run('running'), [row('assistant', { content: 'so' })], false).sinceMs).toBe(1000);
  });

  it('[E9-07] a provider that is waited for is named, until Stop is pressed', () => {
    const waiting: LiveRun = { ...run('starting'), retry: { attempt: 1, untilMs: 9000, reason: 'rate limit' } };
    expect(liveWords(waiting, [], false).key).toBe('retrying');
    expect(liveWords(waiting, [], true).key).toBe('stopping');
  });

  it('a pressed Stop reads at once', () => {
    expect(liveWords(run('running'), [], true).key).toBe('stopping');
  });
});
