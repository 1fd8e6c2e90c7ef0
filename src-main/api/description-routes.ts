import { type ApiRoute, json, route } from './api-route.ts';
import { openApiDocument } from './openapi.ts';
import { REFERENCE_POLICY, referencePage } from './reference-page.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** What the server says of itself: its figures, and its routes for programs and for people. */
export function descriptionRoutes(parts: {
  apiRoutes: readonly ApiRoute[];
  metrics: ServerMetrics;
  version: string;
}): ApiRoute[] {
  const { apiRoutes, metrics, version } = parts;
  return [
    route({
      method: 'GET',
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Figures of the server, for Prometheus.',
      scope: 'metrics:read',
      answer: ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(metrics.text());
        return null;
      },
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This description.',
      scope: null,
      answer: () => json(openApiDocument(apiRoutes, version)),
    }),
    route({
      method: 'GET',
      path: '/reference',
      operationId: 'getReference',
      summary: 'This description, to read.',
      scope: null,
      answer: ({ response }) => {
        const page = referencePage(openApiDocument(apiRoutes, version));
        response.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': REFERENCE_POLICY,
          'cache-control': 'no-cache',
        });
        response.end(page);
        return null;
      },
    }),
  ];
}
