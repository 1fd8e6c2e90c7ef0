import { describe, expect, test } from 'vitest';
import type { CallRecord } from './call-record.ts';
import { HealthWindow } from './health-window.ts';

const NOW_MS = 1_800_000_000_000;
const call = (fields: Partial<CallRecord> = {}): CallRecord => ({
  profileId: 'p',
  profile: 'work',
  model: 'm',
  credentialId: 'a',
  runId: 'r',
  sessionId: null,
  attempt: 1,
  outcome: 'success',
  failure: null,
  startedAtMs: NOW_MS - 100,
  endedAtMs: NOW_MS,
  firstPartMs: 50,
  waitedMs: 0,
  isRepeated: false,
  isFallback: false,
  usage: null,
  ...fields,
});
const windowOf = (...calls: Partial<CallRecord>[]) => {
  const health = new HealthWindow(NOW_MS);
  for (const fields of calls) health.add(call(fields));
  return health;
};

describe('[E10-27] how calls went lately', () => {
  test('[E10-24] a window in which nothing happened has no rate: neither 0 nor 100 %', () => {
    expect(new HealthWindow(NOW_MS).report(NOW_MS).windows.minute).toEqual({
      calls: 0,
      requests: 0,
      successes: 0,
      aborts: 0,
      successRate: null,
      transientRate: null,
      ttfbP50Ms: null,
      ttfbP95Ms: null,
      waits: 0,
      fallbacks: 0,
    });
  });

  test('a request counts as its last call went; what was stopped is neither success nor failure', () => {
    const { minute } = windowOf(
      { isRepeated: true, outcome: 'failure', failure: 'rate_limit', firstPartMs: null },
      { isFallback: true, waitedMs: 10 },
      { outcome: 'failure', failure: 'bad_request', firstPartMs: null },
      { outcome: 'aborted', firstPartMs: null },
    ).report(NOW_MS).windows;
    expect(minute).toMatchObject({
      calls: 4,
      requests: 3,
      successes: 1,
      aborts: 1,
      successRate: 0.5,
      transientRate: 0.25,
      waits: 1,
      fallbacks: 1,
    });
  });

  test('only stopped requests make no rate', () => {
    expect(windowOf({ outcome: 'aborted' }).report(NOW_MS).windows.minute.successRate).toBeNull();
  });

  test('a call belongs to the minute, the five minutes and the hour in which it ended', () => {
    const ago = (ms: number) => ({ endedAtMs: NOW_MS - ms });
    const { windows } = windowOf(
      ago(59_999),
      ago(60_000),
      ago(299_999),
      ago(300_000),
      ago(3_599_999),
      ago(3_600_000),
    ).report(NOW_MS);
    expect([windows.minute.calls, windows.fiveMinutes.calls, windows.hour.calls]).toEqual([1, 3, 5]);
  });

  test('times to the first part by nearest rank', () => {
    const calls = Array.from({ length: 100 }, (_, index) => ({ firstPartMs: index + 1 }));
    expect(windowOf(...calls).report(NOW_MS).windows.minute).toMatchObject({ ttfbP50Ms: 50, ttfbP95Ms: 95 });
    expect(windowOf({ firstPartMs: 7 }).report(NOW_MS).windows.minute).toMatchObject({ ttfbP50Ms: 7, ttfbP95Ms: 7 });
  });

  test('by model and by key, the busiest first', () => {
    const report = windowOf(
      { model: 'x' },
      { model: 'x', credentialId: 'b' },
      { model: null, credentialId: null },
    ).report(NOW_MS);
    expect(report.byModel.hour.map(({ model, calls }) => [model, calls])).toEqual([
      ['x', 2],
      [null, 1],
    ]);
    expect(report.byCredential.hour.map(({ credentialId }) => credentialId)).toEqual(['a', 'b', null]);
  });

  test('each window has its own figures by model and by key, and the minutes of the hour stand beside them', () => {
    const report = windowOf(
      { model: 'old', credentialId: 'b', endedAtMs: NOW_MS - 10 * 60_000 - 1, outcome: 'failure', failure: 'timeout' },
      { model: 'new' },
      { model: 'new', endedAtMs: NOW_MS - 120_000 },
    ).report(NOW_MS);
    const names = (span: 'minute' | 'fiveMinutes' | 'hour') =>
      report.byModel[span].map(({ model, calls }) => [model, calls]);
    expect(names('minute')).toEqual([['new', 1]]);
    expect(names('fiveMinutes')).toEqual([['new', 2]]);
    expect(names('hour')).toEqual([
      ['new', 2],
      ['old', 1],
    ]);
    expect(report.byCredential.minute.map(({ credentialId }) => credentialId)).toEqual(['a']);
    expect(report.byCredential.hour.find(({ credentialId }) => credentialId === 'b')).toMatchObject({ successRate: 0 });
    expect(report.minutes).toHaveLength(60);
    const busy = report.minutes.flatMap((minute, at) => (minute.calls === 0 ? [] : [{ at, ...minute }]));
    expect(busy).toEqual([
      { at: 49, calls: 1, failed: 1 },
      { at: 57, calls: 1, failed: 0 },
      { at: 59, calls: 1, failed: 0 },
    ]);
  });

  test('memory is bounded: the newest 8,192 calls count', () => {
    const health = new HealthWindow(NOW_MS);
    for (let index = 0; index < 10_000; index++) health.add(call({ outcome: index < 1808 ? 'failure' : 'success' }));
    expect(health.report(NOW_MS).windows.minute).toMatchObject({ calls: 8192, successRate: 1 });
  });
});
