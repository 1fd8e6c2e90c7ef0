import type { ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { type CountParts, countRequestTokens } from '../../gateway/relay/count-tokens.ts';
import { ESTIMATE_HEADER } from '../../gateway/relay/estimate-header.ts';
import { sentOn } from '../../gateway/relay/forwarded-headers.ts';
import { chooseModel, type ModelChoice } from '../../gateway/relay/model-name.ts';
import type { ListedModel, ModelsList } from '../../gateway/relay/models-list.ts';
import type { Relay } from '../../gateway/relay/relay.ts';
import type { RelayQuestion, RelayReply } from '../../gateway/relay/relay-port.ts';
import { type ProgramRequest, readProgramRequest } from '../../gateway/relay/relay-request.ts';
import { stickyKey } from '../../gateway/relay/sticky-key.ts';
import type { WireProtocol } from '../../gateway/translate/translation.ts';
import { AbortReason, AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ClientCaps } from '../../usage/client-caps.ts';
import { type ApiCall, type ApiRoute, type Caller, json, route } from '../api-route.ts';
import { BUFFERED_PING_MS, bufferedMessages } from './buffered-messages.ts';
import type { IdempotencyDesk, Idempotent } from './idempotency.ts';
import { readBody } from './read-body.ts';
import type { RecentCalls } from './recent-calls.ts';
import { failureAnswer, writeFrames } from './write-reply.ts';

export interface ModelApiParts {
  relay: Pick<Relay, 'ask'>;
  /** What keeps calls that go on at the same time from passing a program's cap together. */
  caps: Pick<ClientCaps, 'enter'>;
  models: ModelsList;
  counting: CountParts;
  idempotency: IdempotencyDesk;
  recent: RecentCalls;
  profiles: () => readonly ProfileRecord[];
  settings: () => Pick<
    Settings,
    'defaultProfile' | 'messagesProfile' | 'completionsProfile' | 'responsesProfile' | 'modelAliases'
  >;
  clock: Clock;
  newId: () => string;
  /** Takes every known secret out of a text. */
  scrub: (text: string) => string;
}

/** Larger bodies are not copied. */
const ONE_WRITE_BYTES = 32 * 1024;

interface Endpoint {
  protocol: WireProtocol;
  path: string;
  operationId: string;
  summary: string;
  isBuffered?: boolean;
}

const ENDPOINTS: readonly Endpoint[] = [
  {
    protocol: 'anthropic-messages',
    path: '/v1/messages',
    operationId: 'createMessage',
    summary: 'An answer in Anthropic’s messages protocol.',
  },
  {
    protocol: 'anthropic-messages',
    path: '/cc/v1/messages',
    operationId: 'createBufferedMessage',
    summary: 'The same, held until its figures are known.',
    isBuffered: true,
  },
  {
    protocol: 'openai-chat',
    path: '/v1/chat/completions',
    operationId: 'createChatCompletion',
    summary: 'An answer in OpenAI’s chat completions protocol.',
  },
  {
    protocol: 'openai-responses',
    path: '/v1/responses',
    operationId: 'createResponse',
    summary: 'An answer in OpenAI’s responses protocol.',
  },
];

/** The models of the user's keys for other programs on this computer: one address, one pool, one ledger. */
export function modelRoutes(parts: ModelApiParts): ApiRoute[] {
  const counts = ['/v1/messages/count_tokens', '/cc/v1/messages/count_tokens'];
  return [
    ...ENDPOINTS.map((endpoint) =>
      route({
        method: 'POST',
        path: endpoint.path,
        operationId: endpoint.operationId,
        summary: endpoint.summary,
        scope: 'models:use',
        isStream: true,
        ownBody: true,
        failure: (thrown) => failureAnswer(endpoint.protocol, thrown),
        answer: (call) => answerEndpoint(parts, endpoint, call),
      }),
    ),
    ...counts.map((path, index) =>
      route({
        method: 'POST',
        path,
        operationId: index === 0 ? 'countMessageTokens' : 'countBufferedMessageTokens',
        summary: 'How many tokens a messages request has.',
        scope: 'models:use',
        ownBody: true,
        failure: (thrown) => failureAnswer('anthropic-messages', thrown),
        answer: (call) => answerCount(parts, call),
      }),
    ),
    ...['/v1/models', '/v1/models/{id}', '/v1/models/{profile}/{id}'].map((path, index) =>
      route({
        method: 'GET',
        path,
        operationId: ['listModels', 'getModel', 'getModelOfProfile'][index] ?? '',
        summary: index === 0 ? 'The models that can be asked.' : 'One of them.',
        scope: 'models:use',
        // Both kinds of client ask here; Anthropic's says its version.
        failure: (thrown, request) =>
          failureAnswer('anthropic-version' in request.headers ? 'anthropic-messages' : 'openai-chat', thrown),
        answer: async ({ params }) => {
          const { defaultProfile, modelAliases } = parts.settings();
          const all = (await parts.models.list(defaultProfile, modelAliases)).map(toModel);
          if (index === 0) return json(listOf(all));
          const id = [params['profile'], params['id']].filter((part) => part !== undefined).join('/');
          const found = all.find((model) => model.id === id);
          if (found === undefined) throw new AppFailure('not_found', `There is no model “${id.slice(0, 200)}” here.`);
          return json(found);
        },
      }),
    ),
  ];
}

/** What clients of both protocols read, in one object: they pass over what they do not know. */
function toModel({ id, ownedBy, createdAtMs }: ListedModel) {
  const created_at = new Date(createdAtMs).toISOString();
  const created = Math.floor(createdAtMs / 1000);
  return { id, object: 'model', created, owned_by: ownedBy, type: 'model', display_name: id, created_at };
}

function listOf(data: ReturnType<typeof toModel>[]) {
  return { object: 'list', data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function chosen(parts: ModelApiParts, protocol: WireProtocol, model: string | null): ModelChoice {
  const { defaultProfile, messagesProfile, completionsProfile, responsesProfile, modelAliases } = parts.settings();
  const own = {
    'anthropic-messages': messagesProfile,
    'openai-chat': completionsProfile,
    'openai-responses': responsesProfile,
  }[protocol];
  const profiles = parts.profiles();
  return chooseModel(model, {
    defaultProfile: own === '' ? defaultProfile : own,
    isProfile: (name) => profiles.some((profile) => profile.name === name),
    aliases: modelAliases,
    isModel: (profile, name) => parts.models.has(profile, name),
  });
}

/** Aborts as soon as the program has left. */
function leaving({ response }: Pick<ApiCall<unknown, unknown>, 'response'>): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new AbortReason('user'));
  });
  return controller.signal;
}

function searchOf(url: string | undefined): string {
  const at = url?.indexOf('?') ?? -1;
  return at < 0 ? '' : (url?.slice(at) ?? '');
}

function callerName(caller: Caller): string {
  return caller.kind === 'owner' ? 'owner' : caller.id;
}

async function answerEndpoint(
  parts: ModelApiParts,
  endpoint: Endpoint,
  call: ApiCall<unknown, unknown>,
): Promise<null> {
  const { request: incoming, caller } = call;
  const { protocol } = endpoint;
  const signal = leaving(call);
  const bytes = await readBody(incoming);
  const key = incoming.headers['idempotency-key'];
  const request = readProgramRequest(protocol, bytes);
  const once =
    typeof key === 'string' && key !== ''
      ? parts.idempotency.begin(callerName(caller), endpoint.path, key, bytes)
      : null;
  if (once?.kept != null) {
    const { status, headers, body } = once.kept;
    call.response.writeHead(status, { ...headers, 'idempotent-replayed': 'true', 'content-length': body.length });
    call.response.end(body);
    return null;
  }
  let isKept = false;
  try {
    const answer = await relayed(parts, endpoint, call, request, once, signal);
    isKept = answer !== null;
    await once?.end(answer);
    return null;
  } finally {
    if (!isKept) await once?.end(null);
  }
}

/** @returns what was answered, where all of it reached the program. */
async function relayed(
  parts: ModelApiParts,
  endpoint: Endpoint,
  call: ApiCall<unknown, unknown>,
  request: ProgramRequest,
  once: Idempotent | null,
  signal: AbortSignal,
): Promise<{ status: number; headers: Record<string, string> } | null> {
  const { request: incoming, caller } = call;
  const { protocol } = endpoint;
  const choice = chosen(parts, protocol, request.model);
  const question: RelayQuestion = {
    id: parts.newId(),
    client: protocol,
    clientId: caller.kind === 'owner' ? null : caller.id,
    request,
    ...choice,
    headers: sentOn(incoming.headers),
    search: searchOf(incoming.url),
    conversation: () => stickyKey(incoming.headers, request.body),
  };
  const recent = parts.recent.begin({
    id: question.id,
    client: caller.kind === 'owner' ? null : caller.name,
    path: endpoint.path,
    profile: choice.profile,
    model: choice.model ?? request.model,
    stream: request.stream,
  });
  let leave: () => void = () => undefined;
  try {
    leave = await parts.caps.enter(question.clientId);
    const reply = await parts.relay.ask(question, signal);
    recent.answering();
    const outcome = await writeReply(parts, endpoint, call, reply, once);
    if (typeof outcome === 'object') recent.end('failed', reply.status, outcome.thrown);
    else recent.end(outcome === 'written' ? 'completed' : 'stopped', reply.status);
    return outcome === 'written' ? { status: reply.status, headers: reply.headers } : null;
  } catch (thrown) {
    if (signal.aborted) recent.end('stopped', null);
    else recent.end('failed', failureAnswer(protocol, thrown).status, thrown);
    throw thrown;
  } finally {
    leave();
  }
}

async function writeReply(
  parts: ModelApiParts,
  endpoint: Endpoint,
  { response }: ApiCall<unknown, unknown>,
  reply: RelayReply,
  once: Idempotent | null,
): Promise<'written' | 'left' | { thrown: unknown }> {
  const { status, headers, body } = reply;
  if (response.destroyed) {
    if (body.kind === 'frames') await body.frames.return();
    return 'left';
  }
  if (body.kind === 'whole') {
    response.writeHead(status, { ...headers, 'content-length': body.bytes.length });
    // Text joins the headers in one write to the socket; one character a byte keeps every byte as it is.
    if (body.bytes.length > ONE_WRITE_BYTES) response.end(body.bytes);
    else response.end(body.bytes.toString('latin1'), 'latin1');
    once?.add(body.bytes);
    return 'written';
  }
  const { [ESTIMATE_HEADER]: estimate, ...others } = headers;
  // A held stream begins with the figures that came at its end.
  const estimates = estimate === undefined || endpoint.isBuffered === true ? {} : { [ESTIMATE_HEADER]: estimate };
  response.writeHead(status, { 'cache-control': 'no-cache', ...others, ...estimates });
  const frames = endpoint.isBuffered === true ? bufferedMessages(body.frames) : body.frames;
  return writeFrames(response, once === null ? frames : noted(frames, once), {
    protocol: endpoint.protocol,
    clock: parts.clock,
    scrub: parts.scrub,
    ...(endpoint.isBuffered === true ? { pingEveryMs: BUFFERED_PING_MS } : {}),
  });
}

async function* noted(
  frames: AsyncGenerator<Buffer, void, undefined>,
  once: Idempotent,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const bytes of frames) {
    once.add(bytes);
    yield bytes;
  }
}

async function answerCount(parts: ModelApiParts, call: ApiCall<unknown, unknown>) {
  const signal = leaving(call);
  const request = readProgramRequest('anthropic-messages', await readBody(call.request));
  const choice = chosen(parts, 'anthropic-messages', request.model);
  const profile = parts.profiles().find((each) => each.name === choice.profile);
  if (profile === undefined) throw new AppFailure('not_found', `There is no profile called “${choice.profile}”.`);
  const { inputTokens, isEstimate } = await countRequestTokens(
    parts.counting,
    {
      id: parts.newId(),
      request,
      profile,
      model: choice.model ?? profile.defaultModel,
      headers: sentOn(call.request.headers),
      search: searchOf(call.request.url),
    },
    signal,
  );
  return json({ input_tokens: inputTokens }, isEstimate ? { [ESTIMATE_HEADER]: 'input_tokens' } : {});
}
