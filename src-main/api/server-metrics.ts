import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RunLifecycleEvent } from '../runs/run-lifecycle.ts';

/** Upper ends of the histogram's buckets, in seconds: from an answer out of memory to a long wait for a run. */
const BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/** Often enough for a percentile of hours. It wakes the process, so it is done for those who look and nobody else. */
const DELAY_SAMPLE_MS = 100;

type LoopDelay = Pick<ReturnType<typeof monitorEventLoopDelay>, 'enable' | 'disable' | 'percentile'>;

interface Histogram {
  counts: number[];
  sum: number;
  count: number;
}

function label(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** What the server did, in Prometheus' text format. Names of operations and statuses only: nothing of what was said. */
export class ServerMetrics {
  /** By operation and status. */
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #durations = new Map<string, Histogram>();
  readonly #runs = new Map<string, number>();
  readonly #delay: LoopDelay;
  readonly #gauges: () => Record<string, { help: string; value: number }>;

  /** @param gauges figures that others own, read when somebody looks. */
  constructor(
    gauges: () => Record<string, { help: string; value: number }>,
    delay: LoopDelay = monitorEventLoopDelay({
      resolution: DELAY_SAMPLE_MS,
    }),
  ) {
    this.#gauges = gauges;
    this.#delay = delay;
  }

  answered(operation: string, status: number, ms: number): void {
    const statuses = this.#requests.get(operation) ?? new Map<number, number>();
    if (statuses.size === 0) this.#requests.set(operation, statuses);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    let histogram = this.#durations.get(operation);
    if (histogram === undefined) {
      histogram = { counts: BUCKETS_S.map(() => 0), sum: 0, count: 0 };
      this.#durations.set(operation, histogram);
    }
    const { counts } = histogram;
    const seconds = ms / 1000;
    histogram.sum += seconds;
    histogram.count++;
    for (let index = BUCKETS_S.length - 1; index >= 0 && seconds <= (BUCKETS_S[index] ?? 0); index--) {
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }

  /** Counts ends of runs, whoever began them. */
  observed(event: RunLifecycleEvent): void {
    if (event.event_type !== 'thread_status_updated' && event.event_type !== 'human_message') {
      this.#runs.set(event.event_type, (this.#runs.get(event.event_type) ?? 0) + 1);
    }
  }

  /** The figures as they stand. From the first time on the main loop's delay is sampled. */
  text(): string {
    const wasSampled = !this.#delay.enable();
    const lines: string[] = [];
    const head = (name: string, type: string, help: string) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    head('sluice_http_requests_total', 'counter', 'Answered requests of programs.');
    for (const [operation, statuses] of this.#requests) {
      for (const [status, count] of statuses)
        lines.push(`sluice_http_requests_total{operation="${label(operation)}",status="${status}"} ${count}`);
    }
    head('sluice_http_request_seconds', 'histogram', 'Time from a request to the end of its answer.');
    for (const [operation, { counts, sum, count }] of this.#durations) {
      const name = `operation="${label(operation)}"`;
      for (const [index, most] of BUCKETS_S.entries())
        lines.push(`sluice_http_request_seconds_bucket{${name},le="${most}"} ${counts[index] ?? 0}`);
      lines.push(`sluice_http_request_seconds_bucket{${name},le="+Inf"} ${count}`);
      lines.push(
        `sluice_http_request_seconds_sum{${name}} ${sum}`,
        `sluice_http_request_seconds_count{${name}} ${count}`,
      );
    }
    head('sluice_run_events_total', 'counter', 'Runs that began and ended, whoever asked for them.');
    for (const [event, count] of this.#runs) lines.push(`sluice_run_events_total{event="${label(event)}"} ${count}`);
    const { rss, heapUsed } = process.memoryUsage();
    const gauges = {
      ...this.#gauges(),
      sluice_process_resident_bytes: { help: 'Memory of the process.', value: rss },
      sluice_process_heap_bytes: { help: 'JavaScript heap in use.', value: heapUsed },
      sluice_loop_delay_p99_seconds: {
        help: '99th percentile of the main loop’s delay since somebody first looked.',
        // Node counts from sample to sample: what is beyond the pause between them is the delay.
        value: wasSampled ? Math.max(0, this.#delay.percentile(99) / 1e9 - DELAY_SAMPLE_MS / 1000) : 0,
      },
    };
    for (const [name, { help, value }] of Object.entries(gauges)) {
      head(name, 'gauge', help);
      lines.push(`${name} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }

  close(): void {
    this.#delay.disable();
  }
}
