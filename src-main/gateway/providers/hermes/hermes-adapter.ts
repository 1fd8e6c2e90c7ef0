import { AppFailure, failureOf } from '../../../platform/app-failure.ts';
import type { HttpClient } from '../../http-client.ts';
import { textOf } from '../../json.ts';
import type { UpstreamAdapter } from '../../upstream-adapter.ts';
import { bearer } from '../auth-headers.ts';
import { listModels } from '../list-models.ts';
import { isOwnSession } from './build-request.ts';
import { chooseSurface } from './choose-surface.ts';
import { ATTACH_TIMEOUT_MS, HermesClient } from './hermes-client.ts';
import { HermesRun } from './hermes-run.ts';
import { acceptedOrStopped } from './late-acceptance.ts';
import { startResponse } from './start-response.ts';
import { stopRun } from './stop-run.ts';

/** The Hermes agent in both of its eras and on both of its surfaces: everything that only newer agents know is optional. */
export function createHermesAdapter(http: HttpClient): UpstreamAdapter {
  return {
    kind: 'hermes',
    stopStyle: 'stop-request',
    stopStyleFor: (capabilities) => (chooseSurface(capabilities) === 'runs' ? 'stop-request' : 'close-socket'),
    // An agent on the loopback address may run without a key; one that wants a key says so with 401.
    needsCredential: false,
    chatUrl: (baseUrl) => `${baseUrl}/v1/runs`,
    models: (context) => listModels(http, context, bearer(context.target.secret)),
    async start(request, context) {
      const capabilities = (await context.capabilities?.(context.signal)) ?? null;
      if (chooseSurface(capabilities) === 'responses') return startResponse(http, request, context);
      const client = new HermesClient(http, context);
      const start = (signal: AbortSignal) => client.start(request, signal);
      const accepted = await acceptedOrStopped(client, start, context.signal);
      return new HermesRun(accepted, { http, client, context, isAttached: false });
    },
    async attach(runId, context) {
      const client = new HermesClient(http, context);
      const attach = (fields: { status: string; model: string | null; sessionId: string | null }) =>
        new HermesRun({ runId, ...fields }, { http, client, context, isAttached: true });
      try {
        const status = await client.status(runId, ATTACH_TIMEOUT_MS);
        if (status === null) return null;
        return attach({
          status: textOf(status['status']) ?? 'running',
          model: textOf(status['model']),
          sessionId: textOf(status['session_id']),
        });
      } catch (thrown) {
        context.signal.throwIfAborted();
        // After a start of the machine the agent may come up later than we do: the run polls until it is there.
        if (thrown instanceof AppFailure && thrown.code !== 'upstream_auth') {
          return attach({ status: 'unknown', model: null, sessionId: null });
        }
        throw thrown;
      }
    },
    capabilities: (context) => new HermesClient(http, context).capabilities(),
    async deleteSession(upstreamSessionId, context) {
      if (!isOwnSession(upstreamSessionId)) {
        throw failureOf('invalid_payload', { word: 'only_own_sessions' });
      }
      const client = new HermesClient(http, context);
      // An agent that could not be asked before is asked again: only its own word is final.
      const capabilities = (await context.capabilities?.(context.signal)) ?? (await client.capabilities());
      if (capabilities?.sessionDelete !== true) return 'unsupported';
      return client.deleteSession(upstreamSessionId);
    },
    stopRun: (upstreamRunId, context) => stopRun(new HermesClient(http, context), upstreamRunId),
  };
}
