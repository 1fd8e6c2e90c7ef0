import type { DataJob } from '#contract/data';

/**
 * Which of two accounts of a job holds. An answer and an event come over lines of their own, so that an answer from
 * before the end may arrive after the event that told the end: a job that has ended stays so.
 */
export function laterJob(known: DataJob | null, told: DataJob): DataJob {
  return known !== null && known.jobId === told.jobId && known.state !== 'working' ? known : told;
}
