import { describe, expect, it } from 'vitest';
import type { DataJob } from '#contract/data';
import { laterJob } from './later-job.ts';

const jobOf = (over: Partial<DataJob>): DataJob => ({
  jobId: 'j1',
  kind: 'import',
  state: 'working',
  done: 0,
  total: null,
  message: null,
  exported: null,
  imported: null,
  ...over,
});

describe('what is known of a job', () => {
  it.each(['done', 'failed', 'cancelled'] as const)(
    '[E12] a job that is %s is not working again when an answer from before the end comes late',
    (state) => {
      const ended = jobOf({ state, done: 3 });
      expect(laterJob(ended, jobOf({ done: 1 }))).toBe(ended);
    },
  );

  it('[E12] goes on with each account of the same job, and begins anew with another one', () => {
    const further = jobOf({ done: 2 });
    expect(laterJob(null, further)).toBe(further);
    expect(laterJob(jobOf({ done: 1 }), further)).toBe(further);
    const next = jobOf({ jobId: 'j2' });
    expect(laterJob(jobOf({ state: 'done' }), next)).toBe(next);
  });
});
