import type { Settings } from '#contract/settings';
import { ApiDoor } from '../api/api-door.ts';
import { AuthThrottle } from '../api/auth-throttle.ts';
import { loadChatRunSocket } from '../api/chat-run-entrance.ts';
import type { ClientKeys } from '../api/client-keys.ts';
import { LocalApi } from '../api/local-api.ts';
import { type LoopbackChoice, listen } from '../api/loopback-choice.ts';
import { CallsUnderWay } from '../api/model-api/calls-under-way.ts';
import { RecentCalls } from '../api/model-api/recent-calls.ts';
import { RunStreams } from '../api/runs-api/run-streams.ts';
import type { RunsApiParts } from '../api/runs-api/runs-api-parts.ts';
import { ServerMetrics } from '../api/server-metrics.ts';
import type { Attachments } from '../attachments/attachments.ts';
import type { TokenCounter } from '../compressor/token-client.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { HttpClient } from '../gateway/http-client.ts';
import type { ProfileService } from '../gateway/profile-service.ts';
import type { Router } from '../ipc/router.ts';
import type { Clock } from '../platform/clock.ts';
import { loadOnce } from '../platform/load-once.ts';
import type { Logger } from '../platform/logger.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { FeedbackDesk } from '../runs/feedback-desk.ts';
import { RunLifecycle } from '../runs/run-lifecycle.ts';
import type { RunLog } from '../runs/run-log.ts';
import type { RunService } from '../runs/run-service.ts';
import type { ReadClient } from '../store/read-client.ts';
import type { Store } from '../store/store.ts';
import type { CallLedger } from '../usage/call-ledger.ts';
import type { ClientCaps } from '../usage/client-caps.ts';
import type { Endpoints } from './compose-endpoints.ts';

/** What other programs on this computer reach, and what the window is shown of it. */
export interface ProgramParts {
  localApi: LocalApi;
  streams: RunStreams;
  recent: RecentCalls;
  /** How many calls of programs are being answered now. */
  readonly callsUnderWay: number;
  /** Lets go of answers that programs may refer to. */
  forgetAnswers(): void;
  /** Brings in what the server's first requests would wait for. @throws whatever kept it from being loaded. */
  warmUp(): Promise<void>;
  /** Ends the streams and what watches the runs. The server is stopped before, the connections to upstreams after. */
  stop(): void;
  /** Closes the connections to upstreams. */
  close(): Promise<void>;
}

/**
 * Builds the doors for other programs and the server that they stand on. Opens nothing; what is behind the doors comes when
 * it is first asked for (`compose-endpoints`).
 *
 * @param parts.router is asked for when a request arrives, since the router itself shows the state of the server.
 */
export function composePrograms(parts: {
  store: Store;
  runs: RunService;
  log: RunLog;
  reads: ReadClient;
  gateway: Gateway;
  profiles: ProfileService;
  calls: CallLedger;
  caps: ClientCaps;
  keys: ClientKeys;
  tokens: TokenCounter;
  /** What a key is called; null for one that is gone. */
  labelOf: (credentialId: string) => string | null;
  attachments: Attachments;
  desk: FeedbackDesk;
  settings: () => Settings;
  router: () => Router;
  announce: RunsApiParts['announce'];
  /** The server of this host; null where it stands behind the switch of the settings. */
  loopback: LoopbackChoice | null;
  token: string;
  version: string;
  scrubber: SecretScrubber;
  clock: Clock;
  logger: Logger;
  newId: () => string;
}): ProgramParts {
  const { store, runs, log, reads, gateway, profiles, calls, caps, keys, tokens, attachments, desk } = parts;
  const { labelOf, settings, router, announce, loopback, token, version, scrubber, clock, logger, newId } = parts;
  const relayHttp = new HttpClient();
  const throttle = new AuthThrottle(clock);
  const recent = new RecentCalls({ clock, labelOf, scrub: (text) => scrubber.scrub(text) });
  const underWay = new CallsUnderWay(clock);
  const streams = new RunStreams({ store, log, logger });
  const lifecycle = new RunLifecycle({ log, logger });
  const metrics = new ServerMetrics(() => ({
    sluice_open_streams: { help: 'Event streams that are open.', value: streams.readers },
    sluice_busy_sessions: { help: 'Conversations in which something goes on.', value: runs.actorCount },
    sluice_auth_failures: { help: 'Wrong and missing keys since the start.', value: throttle.failures },
  }));
  lifecycle.observe({ name: 'metrics', heard: (event) => metrics.observed(event) });
  const localApi: LocalApi = new LocalApi({
    keys,
    logger,
    isSwitchable: loopback === null,
    lastWords: () => underWay.end(),
    listen: (port) =>
      listen(loopback ?? { token, port, anyPortWhenTaken: false, rendererDir: null }, {
        router: router(),
        logger,
        attachments,
        door,
        throttle,
      }),
  });
  /** Null until a program asked for something. */
  let standing: Endpoints | null = null;
  const endpoints = loadOnce(async () => {
    const { composeEndpoints } = await import('./compose-endpoints.ts');
    standing = composeEndpoints({
      store,
      runs,
      log,
      reads,
      streams,
      desk,
      uploads: attachments.uploads,
      caps,
      router: { dispatch: (name, payload, viewer) => router().dispatch(name, payload, viewer) },
      announce,
      isClosing: () => localApi.isClosing,
      gateway,
      profiles,
      calls,
      tokens,
      recent,
      underWay,
      metrics,
      relayHttp,
      settings,
      scrubber,
      clock,
      logger,
      newId,
      version,
    });
    return standing;
  });
  const door = new ApiDoor({
    operations: endpoints,
    token,
    keys,
    throttle,
    metrics,
    clock,
    logger,
    scrubber,
    onDamage: () => store.committer.reportDamage(),
  });
  return {
    localApi,
    streams,
    recent,
    get callsUnderWay() {
      return underWay.count;
    },
    // Nothing is kept by what was never there.
    forgetAnswers: () => standing?.forgetAnswers(),
    async warmUp() {
      if (localApi.url === null) return;
      await loadChatRunSocket();
      await endpoints();
    },
    stop() {
      streams.stop();
      lifecycle.stop();
      metrics.close();
    },
    close: () => relayHttp.close(),
  };
}
