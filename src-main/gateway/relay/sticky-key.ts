import { createHash } from 'node:crypto';
import { jsonStart } from '../../platform/json-bytes.ts';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../json.ts';

/** So much of a long value is enough to tell conversations apart. */
const MOST_HASHED_CHARS = 16_384;
const MOST_KEY_CHARS = 200;
const SYSTEM: ReadonlySet<unknown> = new Set(['system', 'developer']);

/**
 * What tells that two requests belong to one conversation, so that it stays with one key and the provider's prompt cache
 * stays warm. In this order: the session that Claude Code names, the one in `metadata.user_id`, `prompt_cache_key`, and else
 * the beginning that the requests of a conversation share.
 */
export function stickyKey(headers: Readonly<Record<string, string | string[] | undefined>>, body: JsonObject): string {
  const session = headers['x-claude-code-session-id'];
  if (typeof session === 'string' && session !== '') return keyed('session', session);
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  const named = sessionIn(textOf(metadata['user_id']));
  if (named !== null) return keyed('session', named);
  const cacheKey = textOf(body['prompt_cache_key']);
  if (cacheKey !== null && cacheKey !== '') return keyed('cache', cacheKey);
  // OpenAI keeps a conversation for one account, too.
  const kept = body['conversation'];
  const keptId = isObject(kept) ? textOf(kept['id']) : textOf(kept);
  if (keptId !== null && keptId !== '') return keyed('conversation', keptId);
  const { input } = body;
  // What begins as a text is a list from its second turn on.
  const turns = typeof input === 'string' ? [{ role: 'user', content: input }] : listOf(body['messages'] ?? input);
  const firstAt = turns.findIndex((turn) => isObject(turn) && turn['role'] === 'user');
  // Chat has its system prompt among the turns.
  const before = turns.slice(0, Math.max(firstAt, 0)).filter((turn) => isObject(turn) && SYSTEM.has(turn['role']));
  const start = [body['tools'], body['system'] ?? body['instructions'], before, turns[firstAt] ?? input];
  return keyed('start', start.map((part) => jsonStart(part ?? null, MOST_HASHED_CHARS)).join('\n'));
}

/** What a request says that goes on from an earlier answer: OpenAI keeps that for the account of the key that gave it. */
export function answerKey(id: string): string {
  return keyed('answer', id);
}

/** Claude Code writes `user_…_account_…_session_<id>`, or JSON with a `session_id`. */
function sessionIn(userId: string | null): string | null {
  if (userId === null) return null;
  const plain = /_session_([\w-]{8,})$/.exec(userId)?.[1];
  if (plain !== undefined) return plain;
  const json = userId.startsWith('{') ? parseJson(userId) : null;
  const named = isObject(json) ? textOf(json['session_id']) : null;
  return named === '' ? null : named;
}

/** Long or strange values become a digest: the key is stored. */
function keyed(kind: string, value: string): string {
  if (value.length <= MOST_KEY_CHARS && /^[\w.:-]+$/.test(value)) return `api:${kind}:${value}`;
  return `api:${kind}:${createHash('sha256').update(value).digest('base64url')}`;
}
