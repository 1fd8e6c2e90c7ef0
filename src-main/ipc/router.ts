import type { z } from 'zod';
import { type AppError, failed, ok, type Result } from '#contract/errors';
import { mapFacts } from '#contract/failure-saying';
import { isFailureSaying } from '#contract/failure-words';
import type { RouteName, RouteOutputs, RoutePayload } from '#contract/routes';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import { loadOnce } from '../platform/load-once.ts';
import { describeThrown, type FileLogger, type Logger } from '../platform/logger.ts';
import { firstComplaint } from '../platform/say-issue.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import { damageFailure } from '../store/damage.ts';
import type { EventPublisher } from './event-publisher.ts';
import { findUnsafePayload } from './unsafe-payload.ts';
import type { Viewer } from './viewer.ts';

export type { Viewer } from './viewer.ts';

/** What requests are checked with: a good part of what a start would evaluate, so they come with the first request. */
export const loadRequestSchemas = loadOnce(async () => (await import('#contract/routes.schema')).routeSchemas);

/** One handler a route. A route of the contract without a handler does not compile. */
export type Handlers = {
  [Name in RouteName]: (
    payload: RoutePayload<Name>,
    viewer: Viewer | null,
  ) => RouteOutputs[Name] | Promise<RouteOutputs[Name]>;
};

/** What a transport needs of the core: requests in, viewers in and out. */
export interface Router {
  /**
   * Answers one request. Never throws and never rejects: an unknown route, a malformed payload and a handler's exception
   * are all Results.
   *
   * @param viewer who asks, where the transport can push; null for a plain HTTP call.
   */
  dispatch(route: string, payload: unknown, viewer: Viewer | null): Promise<Result<unknown>>;
  attach(viewer: Viewer): void;
  detach(viewer: Viewer): void;
}

/** The first complaint of a schema. */
function refusedBySchema({ issues }: z.ZodError): AppFailure {
  const { field, why } = firstComplaint(issues);
  return failureOf('invalid_payload', { word: 'request_invalid', with: { field, why } }, { details: { field } });
}

/** The error without keys that are known: in its sentence, and in the facts that make up the same sentence elsewhere. */
function cleanError(error: AppError, scrub: (text: string) => string): AppError {
  const said = error.details?.['said'];
  if (!isFailureSaying(said)) return { ...error, message: scrub(error.message) };
  return { ...error, message: scrub(error.message), details: { ...error.details, said: mapFacts(said, scrub) } };
}

export function createRouter(parts: {
  handlers: Handlers;
  publisher: EventPublisher;
  logger: Logger;
  /** Takes a line for every request; absent where nobody wants them. */
  detail?: Pick<FileLogger, 'debug'>;
  scrubber: SecretScrubber;
  /** A handler met a damaged store. */
  onDamage: () => void;
}): Router {
  const { handlers, publisher, logger, detail, scrubber, onDamage } = parts;
  const isRoute = (route: string): route is RouteName => Object.hasOwn(handlers, route);

  const invoke = async <Name extends RouteName>(
    route: Name,
    payload: unknown,
    viewer: Viewer | null,
  ): Promise<RouteOutputs[Name]> => {
    const schema: z.ZodType = (await loadRequestSchemas())[route];
    const parsed = schema.safeParse(payload ?? {}, { reportInput: true });
    if (!parsed.success) throw refusedBySchema(parsed.error);
    const handler = handlers[route];
    return handler(parsed.data as RoutePayload<Name>, viewer);
  };

  return {
    async dispatch(route, payload, viewer) {
      const startedMs = performance.now();
      const note = (end: string) =>
        detail?.debug({ route: route.slice(0, 100), ms: Math.round(performance.now() - startedMs), end }, 'request');
      try {
        if (!isRoute(route)) {
          throw failureOf('unknown_route', { word: 'route_unknown', with: { route: route.slice(0, 100) } });
        }
        const unsafe = findUnsafePayload(payload);
        if (unsafe !== null) throw failureOf('invalid_payload', { word: 'request_invalid', with: { why: unsafe } });
        const answer = ok(await invoke(route, payload, viewer));
        note('ok');
        return answer;
      } catch (thrown) {
        const damage = damageFailure(thrown);
        if (damage !== null) onDamage();
        const failure = damage ?? toAppFailure(thrown);
        if (failure.code === 'internal')
          logger.error({ route, ...describeThrown(thrown) }, 'a request failed inside Sluice');
        note(failure.code);
        const error = failure.toAppError();
        return failed(cleanError(error, (text) => scrubber.scrub(text)));
      }
    },
    attach: (viewer) => publisher.attach(viewer),
    detach: (viewer) => publisher.detach(viewer),
  };
}
