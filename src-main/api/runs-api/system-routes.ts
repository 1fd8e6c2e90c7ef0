import { AppFailure } from '../../platform/app-failure.ts';
import type { ProfileRow } from '../../store/profile-repository.ts';
import { type ApiRoute, clientIdOf, json, route } from '../api-route.ts';
import { assistantGraph, assistantSchemas } from './assistant-shape.ts';
import type { RunsApiParts } from './runs-api-parts.ts';
import { assistantCount, assistantSearch, assistantVersions, graphQuery, subgraphQuery } from './schemas.ts';

/** An assistant is a profile: who answers. Both of its names are the profile's. */
function toAssistant(profile: ProfileRow): Record<string, unknown> {
  return {
    assistant_id: profile.name,
    graph_id: profile.name,
    name: profile.name,
    description: null,
    config: {},
    context: {},
    metadata: { created_by: 'system', kind: profile.kind, default_model: profile.default_model },
    version: 1,
    created_at: new Date(profile.created_at_ms).toISOString(),
    updated_at: new Date(profile.updated_at_ms).toISOString(),
  };
}

function pick(record: Record<string, unknown>, fields: readonly string[] | null | undefined): Record<string, unknown> {
  return fields == null ? record : Object.fromEntries(Object.entries(record).filter(([key]) => fields.includes(key)));
}

interface AssistantFilter {
  graph_id?: string | null | undefined;
  name?: string | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
}

function fitting(parts: RunsApiParts, filter: AssistantFilter): ProfileRow[] {
  return parts.store.profiles.list().filter((profile) => {
    const held = toAssistant(profile)['metadata'] as Record<string, unknown>;
    return (
      (filter.graph_id == null || filter.graph_id === profile.name) &&
      (filter.name == null || profile.name.toLowerCase().includes(filter.name.toLowerCase())) &&
      Object.entries(filter.metadata ?? {}).every(([key, value]) => held[key] === value)
    );
  });
}

/** Whether anybody is there, what it is, and who answers. */
export function systemRoutes(parts: RunsApiParts): ApiRoute[] {
  const { store, version } = parts;
  const known = (params: Record<string, string>): ProfileRow => {
    const profile = store.profiles.byName(params['assistant_id'] ?? '');
    if (profile === null) throw new AppFailure('not_found', 'There is no such assistant.');
    return profile;
  };
  return [
    route({
      method: 'GET',
      path: '/api/ok',
      operationId: 'getOk',
      summary: 'Whether the server answers.',
      scope: null,
      answer: () => json({ ok: true }),
    }),
    route({
      method: 'GET',
      path: '/api/info',
      operationId: 'getInfo',
      summary: 'What the server is, and how the key stands that asks.',
      scope: 'runs:read',
      answer: async ({ caller }) => {
        const clientId = clientIdOf(caller);
        return json({
          name: 'Sluice',
          version,
          flags: { assistants: true, crons: false, langsmith: false, store: false },
          key: caller.kind === 'owner' ? null : { name: caller.name, scopes: [...caller.scopes] },
          spend: clientId === null ? null : await parts.caps.stateOf(clientId),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/assistants/search',
      operationId: 'searchAssistants',
      summary: 'The assistants there are: one for each profile.',
      scope: 'runs:read',
      body: assistantSearch,
      answer: ({ body }) => {
        const key = body.sort_by === 'created_at' || body.sort_by === 'updated_at' ? body.sort_by : 'name';
        const sign = body.sort_order === 'desc' ? -1 : 1;
        const all = fitting(parts, body)
          .map(toAssistant)
          .sort((a, b) => sign * String(a[key]).localeCompare(String(b[key])));
        const next = body.offset + body.limit;
        return json(
          all.slice(body.offset, next).map((one) => pick(one, body.select)),
          next < all.length ? { 'x-pagination-next': String(next) } : {},
        );
      },
    }),
    route({
      method: 'POST',
      path: '/api/assistants/count',
      operationId: 'countAssistants',
      summary: 'How many assistants there are.',
      scope: 'runs:read',
      body: assistantCount,
      answer: ({ body }) => json(fitting(parts, body).length),
    }),
    route({
      method: 'GET',
      path: '/api/assistants/{assistant_id}',
      operationId: 'getAssistant',
      summary: 'One assistant.',
      scope: 'runs:read',
      answer: ({ params }) => {
        return json(toAssistant(known(params)));
      },
    }),
    route({
      method: 'GET',
      path: '/api/assistants/{assistant_id}/graph',
      operationId: 'getAssistantGraph',
      summary: 'An assistant as a drawing: it answers and calls tools.',
      scope: 'runs:read',
      query: graphQuery,
      answer: ({ params }) => {
        known(params);
        return json(assistantGraph());
      },
    }),
    route({
      method: 'GET',
      path: '/api/assistants/{assistant_id}/schemas',
      operationId: 'getAssistantSchemas',
      summary: 'What a run of an assistant takes and gives, as JSON Schema.',
      scope: 'runs:read',
      answer: ({ params }) => json(assistantSchemas(known(params).name)),
    }),
    ...['', '/{namespace}'].map((suffix) =>
      route({
        method: 'GET',
        path: `/api/assistants/{assistant_id}/subgraphs${suffix}`,
        operationId: `getAssistantSubgraphs${suffix === '' ? '' : 'Within'}`,
        summary: 'The agents within an assistant: none.',
        scope: 'runs:read',
        query: subgraphQuery,
        answer: ({ params }) => {
          known(params);
          return json({});
        },
      }),
    ),
    route({
      method: 'POST',
      path: '/api/assistants/{assistant_id}/versions',
      operationId: 'listAssistantVersions',
      summary: 'An assistant’s versions: the one that there is.',
      scope: 'runs:read',
      body: assistantVersions,
      answer: ({ params, body }) => json([toAssistant(known(params))].slice(body.offset, body.offset + body.limit)),
    }),
  ];
}
