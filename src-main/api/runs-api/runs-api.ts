import type { ApiRoute } from '../api-route.ts';
import { absentRoutes } from './absent-routes.ts';
import { feedbackRoutes } from './feedback-routes.ts';
import { runRoutes } from './run-routes.ts';
import type { RunsApiParts } from './runs-api-parts.ts';
import { systemRoutes } from './system-routes.ts';
import { threadRoutes } from './thread-routes.ts';

/** Every operation of the runs API: what `@langchain/langgraph-sdk` calls on `<address>/api`, and what is ours beside it. */
export function runsApiRoutes(parts: RunsApiParts): ApiRoute[] {
  return [
    ...systemRoutes(parts),
    ...threadRoutes(parts),
    ...runRoutes(parts),
    ...absentRoutes(),
    ...feedbackRoutes(parts),
  ];
}
