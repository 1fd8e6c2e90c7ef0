import { AppFailure } from '../../../platform/app-failure.ts';
import type { HttpClient } from '../../http-client.ts';
import { textOf } from '../../json.ts';
import type { UpstreamAdapter } from '../../upstream-adapter.ts';
import { HermesClient } from './hermes-client.ts';
import { HermesRun } from './hermes-run.ts';

/** The Hermes agent's runs API, in both of its eras: everything that only newer agents know is optional. */
export function createHermesAdapter(http: HttpClient): UpstreamAdapter {
  return {
    kind: 'hermes',
    stopStyle: 'stop-request',
    // An agent on the loopback address may run without a key; one that wants a key says so with 401.
    needsCredential: false,
    chatUrl: (baseUrl) => `${baseUrl}/v1/runs`,
    async start(request, context) {
      const client = new HermesClient(http, context);
      return new HermesRun(await client.start(request), { http, client, context, isAttached: false });
    },
    async attach(upstreamRunId, context) {
      const client = new HermesClient(http, context);
      const attach = (status: string, model: string | null) =>
        new HermesRun({ runId: upstreamRunId, status, model }, { http, client, context, isAttached: true });
      try {
        const status = await client.status(upstreamRunId);
        return status === null ? null : attach(textOf(status['status']) ?? 'running', textOf(status['model']));
      } catch (thrown) {
        context.signal.throwIfAborted();
        // After a start of the machine the agent may come up later than we do: the run polls until it is there.
        if (thrown instanceof AppFailure && thrown.code !== 'upstream_auth') return attach('unknown', null);
        throw thrown;
      }
    },
  };
}
