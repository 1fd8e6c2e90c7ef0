import type { UpstreamCapabilities } from '../../upstream-adapter.ts';

/**
 * `runs` outlives its connection and can be taken up, stopped and asked about; `responses` carries what tools were given
 * and gave back, and ends with its connection.
 */
export type HermesSurface = 'runs' | 'responses';

/**
 * Which of the agent's surfaces a run goes to (docs/decisions/2026-11-21-hermes-surfaces.md). Runs, unless they are
 * missing or would lack what responses have: the details of tools, without approvals to make up for it.
 *
 * @param capabilities null for an agent that does not tell.
 */
export function chooseSurface(capabilities: UpstreamCapabilities | null): HermesSurface {
  if (capabilities === null || !capabilities.responses) return 'runs';
  if (!capabilities.runs) return 'responses';
  return capabilities.approvals || capabilities.sessionMessages ? 'runs' : 'responses';
}
