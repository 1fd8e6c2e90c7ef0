import type { Settings } from '#contract/settings';
import type { ApiRoute, UnknownAddress } from '../api/api-route.ts';
import { descriptionRoutes } from '../api/description-routes.ts';
import { bookedCall } from '../api/model-api/booked-call.ts';
import type { CallsUnderWay } from '../api/model-api/calls-under-way.ts';
import { IdempotencyDesk } from '../api/model-api/idempotency.ts';
import { keptAnswers } from '../api/model-api/kept-answers.ts';
import { modelRoutes } from '../api/model-api/model-routes.ts';
import type { RecentCalls } from '../api/model-api/recent-calls.ts';
import { unknownModelAddress } from '../api/model-api/unknown-address.ts';
import { runsApiRoutes } from '../api/runs-api/runs-api.ts';
import type { RunsApiParts } from '../api/runs-api/runs-api-parts.ts';
import type { ServerMetrics } from '../api/server-metrics.ts';
import type { TokenCounter } from '../compressor/token-client.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { HttpClient } from '../gateway/http-client.ts';
import type { ProfileService } from '../gateway/profile-service.ts';
import { ModelsList } from '../gateway/relay/models-list.ts';
import { Relay } from '../gateway/relay/relay.ts';
import { translateRequest } from '../gateway/translate/translation.ts';
import type { Logger } from '../platform/logger.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { CallLedger } from '../usage/call-ledger.ts';
import type { ClientCaps } from '../usage/client-caps.ts';

/** Every operation that programs may ask for. */
export interface Endpoints {
  routes: readonly ApiRoute[];
  /** What is told where a program looks for an endpoint that is not there. */
  unknown: UnknownAddress;
  /** Lets go of answers that programs may refer to. */
  forgetAnswers(): void;
}

/**
 * Builds the operations for programs: the runs API, the model endpoints with the relay behind them, and what the server says
 * of itself. A room of its own, which `compose-programs` brings in when a program asks for something: the schemas and the
 * translators are a third of the core's code, and no page needs them.
 */
export function composeEndpoints(
  parts: Omit<RunsApiParts, 'caps'> & {
    caps: ClientCaps;
    gateway: Gateway;
    profiles: ProfileService;
    calls: CallLedger;
    tokens: TokenCounter;
    recent: RecentCalls;
    underWay: CallsUnderWay;
    metrics: ServerMetrics;
    /** Asks upstreams for programs. Whoever composes closes it. */
    relayHttp: HttpClient;
    settings: () => Settings;
    scrubber: SecretScrubber;
    logger: Logger;
  },
): Endpoints {
  const { store, caps, gateway, profiles, calls, tokens, recent, underWay, metrics, relayHttp } = parts;
  const { settings, scrubber, clock, logger, newId, version } = parts;
  const apiRoutes = runsApiRoutes(parts);
  const models = new ModelsList({
    profiles: () => profiles.list(),
    models: (profile, signal) => gateway.questions.models(profile, signal),
    clock,
  });
  const relay = new Relay({
    gateway,
    http: relayHttp,
    clock,
    newId,
    profileOf: (name) => profiles.byName(name),
    translate: translateRequest,
    open: bookedCall({ calls, recent }),
  });
  const modelEndpoints = modelRoutes({
    relay,
    caps,
    models,
    counting: {
      gateway,
      http: relayHttp,
      clock,
      countTexts: (texts, model, signal) => tokens.count(texts, model, signal),
    },
    idempotency: new IdempotencyDesk({ clock, keeper: keptAnswers({ store, clock, logger }) }),
    recent,
    underWay,
    profiles: () => profiles.list(),
    settings,
    clock,
    newId,
    scrub: (text) => scrubber.scrub(text),
  });
  return {
    routes: [...modelEndpoints, ...apiRoutes, ...descriptionRoutes({ apiRoutes, metrics, version })],
    unknown: unknownModelAddress,
    forgetAnswers: () => relay.forget(),
  };
}
