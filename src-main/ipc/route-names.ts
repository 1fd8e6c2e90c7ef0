import { type RouteName, routeSchemas } from '#contract/routes.schema';

/** Every route of the contract. */
export function routeNames(): RouteName[] {
  return Object.keys(routeSchemas) as RouteName[];
}
