import { z } from 'zod';
import type { ApiRoute } from './api-route.ts';

type Json = Record<string, unknown>;

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}

function queryParameters(schema: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: field,
  }));
}

const ERROR: Json = {
  type: 'object',
  required: ['detail', 'code'],
  properties: {
    detail: { type: 'string', description: 'What happened and what to do, for a person.' },
    code: { type: 'string', description: 'Stable, for a program.' },
  },
};

function operation(route: ApiRoute): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = route.query === undefined ? [] : queryParameters(route.query);
  const type = route.isStream === true ? 'text/event-stream' : 'application/json';
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(inPath.length + query.length === 0 ? {} : { parameters: [...inPath, ...query] }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } }),
    responses: {
      '2XX': { description: 'Done.', content: { [type]: {} } },
      '4XX': {
        description: 'Not done.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
    security: route.scope === null ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(route.scope === null ? {} : { 'x-scope': route.scope }),
  };
}

/** The published description, made from the routes that the server serves and the schemas that it checks with. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    if (one.isAbsent === true) continue;
    const path = (paths[one.path] ??= {});
    path[one.method.toLowerCase()] = operation(one);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'Runs, threads and messages of Sluice for programs on this computer.',
    },
    paths,
    components: {
      schemas: { Error: ERROR },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  };
}
