import type { UpstreamRequest, UpstreamRun } from '../gateway/upstream-adapter.ts';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import type { StartedRun, UpstreamPort } from '../runs/upstream-port.ts';

/** What an upstream does for one request: parts of its answer, then its end. */
export type UpstreamScript = readonly UpstreamEvent[];

export interface ScriptedUpstreamOptions {
  style: 'stop-request' | 'close-socket';
  /** Decides what a request is answered with. */
  script: (request: UpstreamRequest) => UpstreamScript;
  /** Called before each step; a scheduler or a gate decides when it returns. */
  step: (label: string) => Promise<unknown>;
}

/**
 * An upstream in memory that obeys a scheduler, for tests of everything behind the gateway. It keeps the books that a test
 * asks about: which inputs arrived, and how many runs of a session were ever alive at once.
 */
export class ScriptedUpstream {
  readonly #options: ScriptedUpstreamOptions;
  readonly inputs: string[] = [];
  readonly live = new Map<string, number>();
  peakPerSession = 0;
  stopRequests = 0;
  /** The upstream takes stop requests and goes on all the same. */
  ignoreStop = false;
  /** Called when a stop request arrives. */
  onStop: () => void = () => undefined;
  #count = 0;

  constructor(options: ScriptedUpstreamOptions) {
    this.#options = options;
  }

  /** The upstream as one process of ours sees it. After `die` that process can neither call nor be heard. */
  connect(): UpstreamPort & { die(): void } {
    const death = new AbortController();
    const never = () => new Promise<never>(() => undefined);
    return {
      stopStyle: () => this.#options.style,
      attach: () => Promise.resolve(null),
      start: (_profile, request, signal, notices) => {
        notices?.underWay?.(true);
        return death.signal.aborted ? never() : this.#start(request, AbortSignal.any([signal, death.signal]));
      },
      // A killed process takes its sockets with it.
      die: () => death.abort(new Error('the process was killed')),
    };
  }

  #enter(session: string): () => void {
    const now = (this.live.get(session) ?? 0) + 1;
    this.live.set(session, now);
    this.peakPerSession = Math.max(this.peakPerSession, now);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.live.set(session, (this.live.get(session) ?? 1) - 1);
    };
  }

  async #start(request: UpstreamRequest, signal: AbortSignal): Promise<StartedRun> {
    const abort = abortPromise(signal);
    this.inputs.push(request.input.content);
    const leave = this.#enter(request.sessionId ?? request.runId);
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([this.#options.step(`accept ${request.input.content}`), abort]).catch((thrown: unknown) => {
      leave();
      throw thrown;
    });
    const upstreamRunId = `up_${++this.#count}`;
    let stopped = false;
    const { step, script, style } = this.#options;
    async function* events(): AsyncGenerator<readonly UpstreamEvent[]> {
      try {
        for (const event of script(request)) {
          await Promise.race([step(`event ${event.type}`), abort]);
          if (stopped) break;
          yield [event];
          if (event.type === 'completed' || event.type === 'failed' || event.type === 'cancelled') return;
        }
        yield [{ type: 'cancelled', usage: null }];
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
        yield [{ type: 'cancelled', usage: null }];
      } finally {
        leave();
      }
    }
    const run: UpstreamRun = {
      upstreamRunId: style === 'stop-request' ? upstreamRunId : null,
      status: 'started',
      model: 'scripted',
      events: events(),
      stop: () => {
        this.stopRequests++;
        this.onStop();
        stopped = !this.ignoreStop;
        return Promise.resolve('stopping');
      },
    };
    return { run, credentialId: null };
  }
}

/** Rejects with the signal's reason; never resolves. A listener is always there, so it is no unhandled rejection. */
function abortPromise(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  promise.catch(() => undefined);
  return promise;
}
