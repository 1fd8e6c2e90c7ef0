import { describe, expect, it } from 'vitest';
import {
  addCounts,
  formatCounts,
  judgeRun,
  MOST_SECOND_TRIES,
  playwrightCounts,
  secondTries,
  vitestCounts,
} from './counts.mjs';

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

  it('an error outside any test counts as a failure, a few second tries as passed, many as failed', () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] };
    expect(playwrightCounts(report)).toEqual({ passed: 6, failed: 2, skipped: 2 });
    const stumbling = { stats: { expected: 5, unexpected: 0, flaky: MOST_SECOND_TRIES + 1, skipped: 0 }, errors: [] };
    expect(playwrightCounts(stumbling)).toEqual({ passed: 5, failed: MOST_SECOND_TRIES + 1, skipped: 0 });
  });

  it('names whoever needed a second try, however deep the suite', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
    const report = {
      suites: [{ specs: [spec('a', 'expected'), spec('b', 'flaky')], suites: [{ specs: [spec('c', 'flaky')] }] }],
    };
    expect(secondTries(report)).toEqual(['b', 'c']);
    expect(secondTries(null)).toEqual([]);
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
