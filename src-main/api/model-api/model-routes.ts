import type { ServerResponse } from 'node:http';
import type { ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { type CountParts, countRequestTokens } from '../../gateway/relay/count-tokens.ts';
import { ESTIMATE_HEADER } from '../../gateway/relay/estimate-header.ts';
import { sentOn } from '../../gateway/relay/forwarded-headers.ts';
import { chooseModel, hangsOn, type ModelChoice } from '../../gateway/relay/model-name.ts';
import type { ModelsList } from '../../gateway/relay/models-list.ts';
import type { Relay } from '../../gateway/relay/relay.ts';
import type { RelayQuestion, RelayReply } from '../../gateway/relay/relay-port.ts';
import { type ProgramRequest, readProgramRequest } from '../../gateway/relay/relay-request.ts';
import { stickyKey } from '../../gateway/relay/sticky-key.ts';
import type { WireProtocol } from '../../gateway/translate/translation.ts';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ClientCaps } from '../../usage/client-caps.ts';
import {
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
  type Caller,
  json,
  type RefusalNote,
  route,
} from '../api-route.ts';
import { BUFFERED_PING_MS, bufferedMessages } from './buffered-messages.ts';
import type { CallsUnderWay } from './calls-under-way.ts';
import type { IdempotencyDesk, Idempotent } from './idempotency.ts';
import { keptBeforeItsEnd } from './kept-before-its-end.ts';
import { modelListRoutes } from './model-list-routes.ts';
import { readBody } from './read-body.ts';
import type { RecentCall, RecentCalls } from './recent-calls.ts';
import { searchOf } from './search-of.ts';
import { failureAnswer, writeFrames } from './write-reply.ts';

export interface ModelApiParts {
  relay: Pick<Relay, 'ask'>;
  /** What keeps calls that go on at the same time from passing a program's cap together. */
  caps: Pick<ClientCaps, 'enter'>;
  models: ModelsList;
  counting: CountParts;
  idempotency: IdempotencyDesk;
  recent: RecentCalls;
  underWay: Pick<CallsUnderWay, 'enter'>;
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
        refused: noteRefusals(parts, endpoint.path, endpoint.protocol),
        answer: (call) =>
          listed(parts, endpoint.path, endpoint.protocol, call, (asked) =>
            answerEndpoint(parts, endpoint, call, asked),
          ),
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
        refused: noteRefusals(parts, path, 'anthropic-messages'),
        answer: (call) => listed(parts, path, 'anthropic-messages', call, (asked) => answerCount(parts, call, asked)),
      }),
    ),
    ...modelListRoutes(parts),
  ];
}

/** A promise only where the name cannot be read before an upstream's models are known. */
function chosen(
  parts: ModelApiParts,
  protocol: WireProtocol,
  model: string | null,
): ModelChoice | Promise<ModelChoice> {
  const { defaultProfile, messagesProfile, completionsProfile, responsesProfile, modelAliases } = parts.settings();
  const own = {
    'anthropic-messages': messagesProfile,
    'openai-chat': completionsProfile,
    'openai-responses': responsesProfile,
  }[protocol];
  const profiles = parts.profiles();
  const known = {
    defaultProfile: own === '' ? defaultProfile : own,
    isProfile: (name: string) => profiles.some((profile) => profile.name === name),
    aliases: modelAliases,
    isModel: (profile: string, name: string) => parts.models.has(profile, name),
  };
  const unknown = hangsOn(model, known);
  if (unknown === null) return chooseModel(model, known);
  return parts.models.learn(unknown).then(() => chooseModel(model, known));
}

function callerName(caller: Caller): string {
  return caller.kind === 'owner' ? 'owner' : caller.id;
}

/** A call that is answered, with its place among the recent ones. */
interface Asked {
  id: string;
  recent: RecentCall;
  signal: AbortSignal;
}

/** What the door still has to answer, null where it was done, and how it ended for the program. */
interface Answered {
  answer: ApiAnswer | null;
  status: number;
  ended: 'written' | 'left' | { thrown: unknown };
}

/** Answers a call that is seen on the page from its first byte to its end, whatever becomes of it. */
async function listed(
  parts: ModelApiParts,
  path: string,
  protocol: WireProtocol,
  call: ApiCall<unknown, unknown>,
  ask: (asked: Asked) => Promise<Answered>,
): Promise<ApiAnswer | null> {
  const id = parts.newId();
  const signal = parts.underWay.enter(call.response);
  const recent = parts.recent.begin({ id, client: clientName(call.caller), path });
  try {
    signal.throwIfAborted();
    const { answer, status, ended } = await ask({ id, recent, signal });
    if (typeof ended === 'object') recent.end('failed', status, ended.thrown);
    else recent.end(ended === 'written' ? 'completed' : 'stopped', status);
    return answer;
  } catch (thrown) {
    if (signal.aborted) recent.end('stopped', null);
    else recent.end('failed', failureAnswer(protocol, thrown).status, thrown);
    throw thrown;
  }
}

/** What is refused at the door has a row of its own, too, unless it could come from anybody. */
function noteRefusals(parts: ModelApiParts, path: string, protocol: WireProtocol): RefusalNote {
  return (caller, thrown) => {
    if (caller === null) return parts.recent.turnAway();
    const recent = parts.recent.begin({ id: parts.newId(), client: clientName(caller), path });
    recent.end('failed', failureAnswer(protocol, thrown).status, thrown);
  };
}

function clientName(caller: Caller): string | null {
  return caller.kind === 'owner' ? null : caller.name;
}

async function answerEndpoint(
  parts: ModelApiParts,
  endpoint: Endpoint,
  call: ApiCall<unknown, unknown>,
  asked: Asked,
): Promise<Answered> {
  const { request: incoming, caller } = call;
  const { protocol } = endpoint;
  const key = incoming.headers['idempotency-key'];
  const request = readProgramRequest(protocol, await readBody(incoming));
  const choosing = chosen(parts, protocol, request.model);
  const choice = choosing instanceof Promise ? await choosing : choosing;
  asked.recent.asks({ profile: choice.profile, model: choice.model ?? request.model, stream: request.stream });
  const once =
    typeof key === 'string' && key !== ''
      ? parts.idempotency.begin(callerName(caller), endpoint.path, key, request.bytes)
      : null;
  if (once?.kept != null) {
    const { status, headers, body } = once.kept;
    call.response.writeHead(status, { ...headers, 'idempotent-replayed': 'true', 'content-length': body.length });
    call.response.end(body);
    return { answer: null, status, ended: 'written' };
  }
  try {
    const { reply, ended } = await relayed(parts, endpoint, call, { ...asked, request, choice, once });
    // A stream may end without a last word by which it is known to be whole.
    if (ended === 'written') await once?.keep({ status: reply.status, headers: headOf(endpoint, reply) });
    return { answer: null, status: reply.status, ended };
  } finally {
    once?.end();
  }
}

async function relayed(
  parts: ModelApiParts,
  endpoint: Endpoint,
  call: ApiCall<unknown, unknown>,
  asked: Asked & { request: ProgramRequest; choice: ModelChoice; once: Idempotent | null },
): Promise<{ reply: RelayReply; ended: Answered['ended'] }> {
  const { request: incoming, caller } = call;
  const { id, recent, signal, request, choice, once } = asked;
  const question: RelayQuestion = {
    id,
    client: endpoint.protocol,
    clientId: caller.kind === 'owner' ? null : caller.id,
    request,
    ...choice,
    headers: sentOn(incoming.headers),
    search: searchOf(incoming.url),
    conversation: () => stickyKey(incoming.headers, request.body),
  };
  const entered = parts.caps.enter(question.clientId);
  const leave = entered instanceof Promise ? await entered : entered;
  try {
    const reply = await parts.relay.ask(question, signal);
    recent.answering();
    const ended = writeReply(parts, endpoint, call, reply, once);
    return { reply, ended: ended instanceof Promise ? await ended : ended };
  } finally {
    leave();
  }
}

/** The headers of an answer but for its length, the same for whoever is given it again. */
function headOf(endpoint: Endpoint, { headers, body }: RelayReply): Record<string, string> {
  if (body.kind === 'whole') return headers;
  const { [ESTIMATE_HEADER]: estimate, ...others } = headers;
  // A held stream begins with the figures that came at its end.
  const estimates = estimate === undefined || endpoint.isBuffered === true ? {} : { [ESTIMATE_HEADER]: estimate };
  return { 'cache-control': 'no-cache', ...others, ...estimates };
}

/** A whole answer is written at once, a stream while it comes. What is kept under a key is kept before it ends. */
function writeReply(
  parts: ModelApiParts,
  endpoint: Endpoint,
  { response }: ApiCall<unknown, unknown>,
  reply: RelayReply,
  once: Idempotent | null,
): Answered['ended'] | Promise<Answered['ended']> {
  const { status, body } = reply;
  const head = headOf(endpoint, reply);
  if (response.destroyed) return body.kind === 'frames' ? body.frames.return().then(() => 'left') : 'left';
  if (body.kind === 'whole') {
    if (once === null) return writeWhole(response, status, head, body.bytes);
    once.add(body.bytes);
    return once.keep({ status, headers: head }).then(() => writeWhole(response, status, head, body.bytes));
  }
  response.writeHead(status, head);
  const frames = endpoint.isBuffered === true ? bufferedMessages(body.frames) : body.frames;
  const noted =
    once === null
      ? frames
      : keptBeforeItsEnd(frames, {
          isComplete: body.isComplete,
          note: (bytes) => once.add(bytes),
          keep: () => once.keep({ status, headers: head }),
        });
  const written = writeFrames(response, noted, {
    protocol: endpoint.protocol,
    clock: parts.clock,
    scrub: parts.scrub,
    ...(endpoint.isBuffered === true ? { pingEveryMs: BUFFERED_PING_MS } : {}),
  });
  // An error in the upstream's own words is an answer that failed, though all of it was written.
  return written.then((ended) => {
    const failure = ended === 'written' ? body.failure() : null;
    return failure === null ? ended : { thrown: failure };
  });
}

function writeWhole(
  response: ServerResponse,
  status: number,
  head: Record<string, string>,
  bytes: Buffer,
): 'written' | 'left' {
  if (response.destroyed) return 'left';
  response.writeHead(status, { ...head, 'content-length': bytes.length });
  // Text joins the headers in one write to the socket; one character a byte keeps every byte as it is.
  if (bytes.length > ONE_WRITE_BYTES) response.end(bytes);
  else response.end(bytes.toString('latin1'), 'latin1');
  return 'written';
}

async function answerCount(
  parts: ModelApiParts,
  call: ApiCall<unknown, unknown>,
  { id, recent, signal }: Asked,
): Promise<Answered> {
  const request = readProgramRequest('anthropic-messages', await readBody(call.request));
  const choice = await chosen(parts, 'anthropic-messages', request.model);
  recent.asks({ profile: choice.profile, model: choice.model ?? request.model, stream: false });
  const profile = parts.profiles().find((each) => each.name === choice.profile);
  if (profile === undefined) throw new AppFailure('not_found', `There is no profile called “${choice.profile}”.`);
  const { inputTokens, isEstimate } = await countRequestTokens(
    parts.counting,
    {
      id,
      request,
      profile,
      model: choice.model ?? profile.defaultModel,
      headers: sentOn(call.request.headers),
      search: searchOf(call.request.url),
    },
    signal,
  );
  const answer = json({ input_tokens: inputTokens }, isEstimate ? { [ESTIMATE_HEADER]: 'input_tokens' } : {});
  return { answer, status: 200, ended: 'written' };
}
