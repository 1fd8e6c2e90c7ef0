import type { IncomingMessage } from 'node:http';
import type { UnknownAddress } from '../api-route.ts';
import { HttpFailure } from '../http-failure.ts';
import { failureAnswer } from './write-reply.ts';

/** More of an address is no slip. */
const MOST_PATH_CHARS = 200;

/** Tails of the endpoints' addresses, as programs ask them whose base URL lacks its `/v1`, or has it twice. */
const TAILS: Readonly<Record<string, string>> = {
  '/messages': '/v1/messages',
  '/messages/count_tokens': '/v1/messages/count_tokens',
  '/chat/completions': '/v1/chat/completions',
  '/responses': '/v1/responses',
  '/models': '/v1/models',
};

/**
 * Addresses at which a program looks for a model endpoint that is not there. It is told in its protocol's shape, and with
 * the address that it may have meant: a base URL with too much or too little of `/v1` is the first mistake of most.
 */
export const unknownModelAddress: UnknownAddress = {
  has(path) {
    const clean = bare(path);
    return clean.startsWith('/v1/') || clean.startsWith('/cc/') || Object.hasOwn(TAILS, clean);
  },
  failure(path) {
    const meant = TAILS[bare(path).replace(/^(\/v1)+(?=\/)/, '')];
    const message =
      meant === undefined || meant === path
        ? 'There is no such model endpoint here. There are /v1/messages, /v1/messages/count_tokens, /v1/chat/completions, /v1/responses and /v1/models.'
        : `There is nothing at “${path.slice(0, MOST_PATH_CHARS)}”. You may mean “${meant}”: the base URL of Anthropic’s clients ends before “/v1”, that of OpenAI’s with it.`;
    return new HttpFailure(404, 'unknown_route', message);
  },
  told: (thrown, request) => failureAnswer(isAnthropic(request) ? 'anthropic-messages' : 'openai-chat', thrown),
};

/** Without a slash at the end and without doubled ones, which come of joining a base URL. */
function bare(path: string): string {
  return path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

function isAnthropic(request: IncomingMessage): boolean {
  return 'anthropic-version' in request.headers || /\/messages\b/.test(request.url ?? '');
}
