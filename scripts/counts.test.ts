import { describe, expect, it } from 'vitest';
import { addCounts, formatCounts, judgeRun, playwrightCounts, vitestCounts } from './counts.mjs';

describe('counts', () => {
  it('a test file that could not be loaded counts as a failure', () => {
    const report = {
      numTotalTests: 3,
      numPassedTests: 2,
      numFailedTests: 0,
      numPendingTests: 1,
      numTodoTests: 0,
      testResults: [
        { status: 'passed', assertionResults: [{}] },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(vitestCounts(report)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('a flaky test and an error outside any test count as failures', () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] };
    expect(playwrightCounts(report)).toEqual({ passed: 5, failed: 3, skipped: 2 });
  });

  it.each([null, 7, {}, [], 'x'])('%j is no report', (value) => {
    expect(vitestCounts(value)).toBeNull();
    expect(playwrightCounts(value)).toBeNull();
  });

  it.each([
    ['a missing report', null, 0, { passed: 0, failed: 1, skipped: 0 }],
    ['nothing tested', { passed: 0, failed: 0, skipped: 4 }, 0, { passed: 0, failed: 1, skipped: 4 }],
    [
      'an exit code that no test explains',
      { passed: 9, failed: 0, skipped: 0 },
      1,
      { passed: 9, failed: 1, skipped: 0 },
    ],
    ['failures that explain it', { passed: 9, failed: 2, skipped: 0 }, 1, { passed: 9, failed: 2, skipped: 0 }],
    ['a good run', { passed: 9, failed: 0, skipped: 1 }, 0, { passed: 9, failed: 0, skipped: 1 }],
  ])('%s', (_name, counts, exitCode, judged) => {
    expect(judgeRun(counts, exitCode)).toEqual(judged);
  });

  it('sums, and prints the sentence that a machine reads', () => {
    const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
    expect(formatCounts(sum)).toBe('11 passed, 22 failed, 33 skipped');
  });
});
