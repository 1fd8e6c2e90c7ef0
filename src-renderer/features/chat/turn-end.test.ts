import { describe, expect, it } from 'vitest';
import { RUN_STATUSES, type RunRecord, type RunStatus } from '#contract/records';
import { turnEnd } from './turn-end.ts';

const run = (status: RunStatus, finishReason: string | null): RunRecord => ({ status, finishReason }) as RunRecord;

describe('end of a turn', () => {
  it.each([
    ['success', 'stop', null],
    ['success', 'length', 'full'],
    ['success', 'content_filter', 'filtered'],
    ['success', 'tool_calls', null],
    ['running', 'length', null],
    ['error', 'error', 'failed'],
    ['timeout', 'error', 'failed'],
    ['cancelled', 'aborted', 'stopped'],
    ['interrupted', 'aborted', 'stopped'],
    ['interrupted', 'interrupted', 'interrupted'],
    ['interrupted', null, 'interrupted'],
  ] as const)('%s with %s reads %s', (status, reason, end) => {
    expect(turnEnd(run(status, reason))).toBe(end);
  });

  it('knows every status', () => {
    for (const status of RUN_STATUSES) expect(turnEnd(run(status, null))).not.toBeUndefined();
    expect(turnEnd(null)).toBeNull();
  });
});
