import { tellAttempt } from '../gateway/tell-attempt.ts';
import type { UpstreamRequest, UpstreamRun } from '../gateway/upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamEvent } from '../gateway/upstream-event.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import type { UpstreamPort } from '../runs/upstream-port.ts';

/** One call that an upstream received, answered by hand. */
export interface ManualCall {
  input: string;
  /** What was asked, whole; null for a call that took a run up. */
  request: UpstreamRequest | null;
  /** What was put into the answer; the answer to each is taken from `takesSteers`. */
  steers: string[];
  takesSteers: boolean;
  /** When set, a steer is answered only after it resolves. */
  steerGate: Deferred<void> | null;
  /** Replies to questions, as `id: reply`. */
  replies: string[];
  signal: AbortSignal;
  /** Stop requests that arrived. */
  stops: number;
  /** When set, an approval is answered only after it resolves. */
  approvalGate: Deferred<void> | null;
  /** Approvals that were answered, as `id: choice`. */
  decisions: string[];
  /** Says something; a terminal event ends the call. */
  push(...events: UpstreamEvent[]): void;
}

/** An upstream that says exactly what a test tells it to, when it is told. */
export function manualUpstream(style: 'stop-request' | 'close-socket'): {
  port: UpstreamPort;
  calls: ManualCall[];
  attached: ManualCall[];
} {
  const calls: ManualCall[] = [];
  const attached: ManualCall[] = [];

  const answer = (
    input: string,
    signal: AbortSignal,
    request: UpstreamRequest | null,
  ): { call: ManualCall; run: UpstreamRun } => {
    const waiting: UpstreamEvent[][] = [];
    let wake = deferred<void>();
    const call: ManualCall = {
      input,
      request,
      steers: [],
      takesSteers: true,
      steerGate: null,
      replies: [],
      signal,
      stops: 0,
      approvalGate: null,
      decisions: [],
      push: (...events) => {
        waiting.push(events);
        wake.resolve();
      },
    };
    signal.addEventListener('abort', () => wake.resolve());
    async function* events(): AsyncGenerator<readonly UpstreamEvent[]> {
      for (;;) {
        for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
          yield batch;
          if (batch.some(isUpstreamTerminal)) return;
        }
        if (signal.aborted) {
          yield [{ type: 'cancelled', usage: null }];
          return;
        }
        await wake.promise;
        wake = deferred<void>();
      }
    }
    const run: UpstreamRun = {
      upstreamRunId: style === 'stop-request' ? `up-${input}` : null,
      upstreamSessionId: style === 'stop-request' ? `session-${input}` : null,
      status: 'started',
      model: null,
      events: events(),
      stop: () => {
        call.stops++;
        return Promise.resolve('stopping');
      },
      steer: async (text) => {
        call.steers.push(text);
        await call.steerGate?.promise;
        return call.takesSteers;
      },
      clarify: (clarifyId, reply) => {
        call.replies.push(`${clarifyId}: ${reply}`);
        return Promise.resolve();
      },
      approve: async (approvalId, choice) => {
        call.decisions.push(`${approvalId}: ${choice}`);
        await call.approvalGate?.promise;
        return { resolved: 1 };
      },
    };
    return { call, run };
  };

  const open = (list: ManualCall[], input: string, signal: AbortSignal, request: UpstreamRequest | null = null) => {
    const { call, run } = answer(input, signal, request);
    list.push(call);
    return Promise.resolve({ run, credentialId: null });
  };
  return {
    calls,
    attached,
    port: {
      stopStyle: () => style,
      start: (_profile, request, signal, notices) =>
        tellAttempt(notices ?? {}, { attempt: 1, credentialId: null, model: request.model }, signal, () => {
          notices?.underWay?.(true);
          return open(calls, request.input.content, signal, request);
        }),
      attach: (_profile, upstreamRunId, signal) => open(attached, upstreamRunId, signal),
    },
  };
}
