import type { StopStyle, UpstreamRun } from './upstream-adapter.ts';

/** The run with its lease tied to its events: given back at their end, or at the abort when nobody reads them. */
export function leasedRun(
  run: UpstreamRun,
  stopStyle: StopStyle,
  signal: AbortSignal,
  release: () => void,
): UpstreamRun {
  if (signal.aborted) release();
  else signal.addEventListener('abort', release, { once: true });
  async function* events() {
    try {
      yield* run.events;
    } finally {
      signal.removeEventListener('abort', release);
      release();
    }
  }
  return {
    upstreamRunId: run.upstreamRunId,
    // A run that was taken up may learn it later than it begins.
    get upstreamSessionId() {
      return run.upstreamSessionId ?? null;
    },
    stopStyle: run.stopStyle ?? stopStyle,
    status: run.status,
    model: run.model,
    events: events(),
    stop: () => run.stop(),
    ...(run.approve === undefined ? {} : { approve: run.approve.bind(run) }),
    ...(run.steer === undefined ? {} : { steer: run.steer.bind(run) }),
    ...(run.clarify === undefined ? {} : { clarify: run.clarify.bind(run) }),
  };
}
