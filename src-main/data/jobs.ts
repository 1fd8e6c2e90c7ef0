import type { DataJob } from '#contract/data';
import { factOf, failureOf, toAppFailure, told } from '../platform/app-failure.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';

/** What a job says when it is done. */
export type JobEnd = Partial<Pick<DataJob, 'exported' | 'imported'>>;

/** How many ended jobs can still be asked for. */
const KEPT_JOBS = 20;

/** Long work that a page starts, watches and may stop. One of a kind at a time. */
export class DataJobs {
  readonly #parts: { newId: () => string; logger: Logger; tell: (job: DataJob) => void };
  readonly #jobs = new Map<string, { job: DataJob; stop: AbortController; ended: Promise<void> }>();

  constructor(parts: { newId: () => string; logger: Logger; tell: (job: DataJob) => void }) {
    this.#parts = parts;
  }

  /**
   * Starts a job and answers with it. Its progress and its end are told.
   *
   * @throws AppFailure `conflict` while another one of its kind is under way.
   */
  start(
    kind: DataJob['kind'],
    work: (
      signal: AbortSignal,
      progress: (done: number, total: number | null) => void,
      jobId: string,
    ) => Promise<JobEnd>,
  ): DataJob {
    for (const { job } of this.#jobs.values()) {
      if (job.kind === kind && job.state === 'working') {
        throw failureOf('conflict', { word: kind === 'export' ? 'export_under_way' : 'import_under_way' });
      }
    }
    const stop = new AbortController();
    const job: DataJob = {
      jobId: this.#parts.newId(),
      kind,
      state: 'working',
      done: 0,
      total: null,
      message: null,
      exported: null,
      imported: null,
    };
    const progress = (done: number, total: number | null) => this.#change(job, { done, total });
    const ended = work(stop.signal, progress, job.jobId).then(
      (end) => this.#change(job, { state: stop.signal.aborted ? 'cancelled' : 'done', ...end }),
      (thrown: unknown) => {
        const failure = toAppFailure(thrown);
        if (failure.code === 'internal') this.#parts.logger.error({ kind, ...describeThrown(thrown) }, 'a job failed');
        this.#change(job, stop.signal.aborted ? { state: 'cancelled' } : { state: 'failed', ...told(factOf(failure)) });
      },
    );
    this.#jobs.set(job.jobId, { job, stop, ended });
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > KEPT_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    return { ...job };
  }

  /** @throws AppFailure `not_found`. */
  get(jobId: string): DataJob {
    return { ...this.#find(jobId).job };
  }

  /** Stops a job and answers once it has ended; one that has ended stays as it is. */
  async cancel(jobId: string): Promise<DataJob> {
    const { job, stop, ended } = this.#find(jobId);
    stop.abort();
    await ended;
    return { ...job };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#jobs.keys()].map((jobId) => this.cancel(jobId)));
  }

  #find(jobId: string) {
    const found = this.#jobs.get(jobId);
    if (found === undefined) throw failureOf('not_found', { word: 'job_gone' });
    return found;
  }

  #change(job: DataJob, change: Partial<DataJob>): void {
    Object.assign(job, change);
    this.#parts.tell({ ...job });
  }
}
