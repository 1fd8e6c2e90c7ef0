import type { StartNotices } from '../gateway/gateway.ts';
import type { UpstreamRequest, UpstreamRun } from '../gateway/upstream-adapter.ts';

/** One upstream call, without the particulars of pools and providers. */
export interface StartedRun {
  run: UpstreamRun;
  credentialId: string | null;
}

/** What runs need of the gateway. */
export interface UpstreamPort {
  stopStyle(profile: string): 'stop-request' | 'close-socket';
  /** Resolves once an upstream accepted; what it takes to get there is told to `notices`. */
  start(profile: string, request: UpstreamRequest, signal: AbortSignal, notices?: StartNotices): Promise<StartedRun>;
  attach(profile: string, upstreamRunId: string, signal: AbortSignal, baseUrl?: string): Promise<StartedRun | null>;
}
