import type { RouteName } from '#contract/routes';

/**
 * What clients of the chat-run protocol's older servers send, as the contract spells it. Pure: nothing is checked here,
 * that is the router's work, and the typed IPC never comes this way.
 */

export type ChatRoute = Extract<RouteName, `chat.${string}`>;

/** Older names of control events. */
export const OLDER_EVENT_NAMES: Readonly<Record<string, ChatRoute>> = {
  'approval.respond': 'chat.approval_respond',
  'clarify.respond': 'chat.clarify_respond',
};

/** The name under which a client may mean whatever profile is the default (decision 18). */
export const DEFAULT_PROFILE_NAME = 'default';

/** Fields that only say how a message is shown or kept elsewhere: nothing here depends on them. */
export const PRESENTATIONAL_FIELDS: ReadonlySet<string> = new Set([
  'source',
  'session_source',
  'display_input',
  'display_role',
  'storage_message',
  'coding_agent_id',
  'agent_id',
  'category_id',
  'model_groups',
  'mode',
]);

const ID_FIELDS: ReadonlySet<string> = new Set([
  'session_id',
  'sessionId',
  'queue_id',
  'run_id',
  'approval_id',
  'clarify_id',
  'idempotency_key',
  'replace_from',
  'like_run',
]);

/** Empty is not absent here: the core has its own sentence for it. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['input', 'response']);

/** Requests whose profile counts. Elsewhere older clients send it along, and it says nothing. */
export const TAKES_PROFILE: ReadonlySet<ChatRoute> = new Set<ChatRoute>(['chat.run', 'chat.regenerate']);

/** Every word for an effort that is known to be in use, and the nearest of ours. */
export const EFFORTS: ReadonlyMap<string, 'low' | 'medium' | 'high'> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
  ['maximum', 'high'],
]);

type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `media_type: null` of a file means that nothing is known of it. */
function cleanBlocks(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  return input.map((block: unknown) => {
    if (!isFields(block) || (block['media_type'] !== null && block['media_type'] !== '')) return block;
    const { media_type: _unknown, ...rest } = block;
    return rest;
  });
}

/** The fields that one field of an older client becomes: one, or none. */
function translateField(route: ChatRoute, key: string, value: unknown): [string, unknown][] {
  if (value === undefined || PRESENTATIONAL_FIELDS.has(key)) return [];
  if (key === 'profile' && !TAKES_PROFILE.has(route)) return [];
  if (TEXT_FIELDS.has(key)) return [[key, cleanBlocks(value)]];
  if (value === null || value === '') return [];
  if (ID_FIELDS.has(key)) return [[key, Number.isSafeInteger(value) ? String(value) : value]];
  if (key === 'reasoning_effort') {
    // A word that nobody knows is no reason to refuse the message.
    const effort = typeof value === 'string' ? EFFORTS.get(value.trim().toLowerCase()) : undefined;
    return effort === undefined ? [] : [[key, effort]];
  }
  if (key === 'parameters' && isFields(value)) {
    return [[key, Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== ''))]];
  }
  if (key === 'preempt' && route === 'chat.run') return [];
  return [[key, value]];
}

/**
 * A request's payload in the contract's spelling. Absent stays absent, and what is null or empty becomes absent; fields
 * that nobody knows stay where they are, so that the schema can refuse them by name.
 */
export function toContractPayload(route: ChatRoute, payload: unknown): unknown {
  if (!isFields(payload)) return payload;
  const fields = Object.fromEntries(
    Object.entries(payload).flatMap(([key, value]) => translateField(route, key, value)),
  );
  // A strategy that is said outright counts more than the older flag.
  return route === 'chat.run' && payload['preempt'] === true ? { strategy: 'interrupt', ...fields } : fields;
}

/** Parts that are looked at for binary data; a payload with more is refused by the router. */
const MAX_PARTS = 100_000;

/** Whether a payload carries binary data anywhere. Nothing in the protocol does. */
export function holdsBinary(payload: unknown): boolean {
  const waiting: unknown[] = [payload];
  for (let seen = 0; waiting.length > 0 && seen < MAX_PARTS; seen++) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
    for (const part of Object.values(value)) waiting.push(part);
  }
  return false;
}
