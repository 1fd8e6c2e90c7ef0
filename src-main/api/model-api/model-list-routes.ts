import type { Settings } from '#contract/settings';
import type { ListedModel, ModelsList } from '../../gateway/relay/models-list.ts';
import { AppFailure } from '../../platform/app-failure.ts';
import { type ApiCall, type ApiRoute, json, route } from '../api-route.ts';
import { modelsPage } from './models-page.ts';
import { searchOf } from './search-of.ts';
import { failureAnswer } from './write-reply.ts';

interface ModelListParts {
  settings: () => Pick<Settings, 'defaultProfile' | 'modelAliases'>;
  models: Pick<ModelsList, 'list'>;
}

/** Names of models have slashes of their own, which programs leave as they are. */
const ONE_MODEL = [
  { path: '/v1/models/{id}', operationId: 'getModel' },
  { path: '/v1/models/{profile}/{id}', operationId: 'getModelOfProfile' },
  { path: '/v1/models/{profile}/{owner}/{id}', operationId: 'getModelOfOwner' },
];

/** The models that can be asked, and each of them. */
export function modelListRoutes({ settings, models }: ModelListParts): ApiRoute[] {
  const listed = async () => {
    const { defaultProfile, modelAliases } = settings();
    return { defaultProfile, all: (await models.list(defaultProfile, modelAliases)).map(toModel) };
  };
  const toRoute = (path: string, operationId: string, summary: string, answer: (call: Call) => Promise<unknown>) =>
    route({
      method: 'GET',
      path,
      operationId,
      summary,
      scope: 'models:use',
      // Both kinds of client ask here; Anthropic's says its version.
      failure: (thrown, request) =>
        failureAnswer('anthropic-version' in request.headers ? 'anthropic-messages' : 'openai-chat', thrown),
      answer: async (call) => json(await answer(call)),
    });
  return [
    toRoute('/v1/models', 'listModels', 'The models that can be asked.', async ({ request }) =>
      modelsPage((await listed()).all, searchOf(request.url)),
    ),
    ...ONE_MODEL.map(({ path, operationId }) =>
      toRoute(path, operationId, 'One of them.', async ({ params }) => {
        const { defaultProfile, all } = await listed();
        const id = [params['profile'], params['owner'], params['id']].filter((part) => part !== undefined).join('/');
        // Those of the default profile are listed by their bare names, and may be asked by their whole ones.
        const bare = id.startsWith(`${defaultProfile}/`) ? id.slice(defaultProfile.length + 1) : null;
        const found = all.find((model) => model.id === id) ?? all.find((model) => model.id === bare);
        if (found === undefined) throw noSuchModel(id);
        return found;
      }),
    ),
  ];
}

type Call = Pick<ApiCall<unknown, unknown>, 'params' | 'request'>;

function noSuchModel(id: string): AppFailure {
  const name = id.slice(0, 200);
  return new AppFailure('not_found', `There is no model “${name}” here. GET /v1/models lists those that can be asked.`);
}

/** What clients of both protocols read, in one object: they pass over what they do not know. */
function toModel({ id, ownedBy, createdAtMs }: ListedModel) {
  const created_at = new Date(createdAtMs).toISOString();
  const created = Math.floor(createdAtMs / 1000);
  return { id, object: 'model', created, owned_by: ownedBy, type: 'model', display_name: id, created_at };
}
