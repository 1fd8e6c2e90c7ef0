import { z } from 'zod';
import { areBindable, COMMAND_IDS } from './commands.ts';
import { QUICK_KEYS, QUIT_CHOICES } from './desktop.ts';
import { LOG_DETAILS } from './diagnostics.ts';
import type { FailureWord } from './failure-saying.ts';
import { FAILURE_WORDS } from './failure-words.ts';
import { LOCALES } from './locale.ts';
import { EFFORTS, PARAMETER_RANGES } from './model-parameters.ts';
import { CLIENT_SCOPES } from './programs.ts';
import { PROFILE_KINDS } from './records.ts';
import { TEXT_SIZES } from './settings.ts';
import { UPDATE_CHANNELS, UPDATE_CHECKS } from './updates.ts';
import { BUDGET_PERIODS } from './usage-report.ts';

/**
 * The shape of every request, checked at the border of the main process whatever transport brought it. A value import
 * of this file is for `ipc/` and `api/` only: the renderer takes the types from `routes.ts` and carries no zod.
 */

/** Longest message, in UTF-16 units. In UTF-8 that is at most 6 MB, below the socket's 8 MiB packet limit. */
export const MAX_INPUT_CHARS = 2_000_000;
/** One page of a conversation. */
export const PAGE_LIMIT = 500;
const MAX_NAME_CHARS = 200;
const MAX_TEXT_CHARS = 200_000;

/** A check of our own, with the sentence that tells a person what it wants. */
const refusal = (word: FailureWord) => ({ error: FAILURE_WORDS[word], params: { word } });

const id = z
  .string()
  .min(1)
  .max(128)
  .refine((value) => value.isWellFormed(), refusal('why_half_character'));
const name = z.string().trim().min(1).max(MAX_NAME_CHARS);
/** A tag of conversations. */
const tag = z.string().trim().min(1).max(40);
const optionalText = z.string().max(MAX_TEXT_CHARS);
/** Empty for the default one. */
const optionalName = z.string().trim().max(MAX_NAME_CHARS);
const path = z.string().max(4096);
const passphrase = z.string().min(1).max(4096);

/** ISO 4217. */
const currency = z.string().refine((value) => /^[A-Z]{3}$/.test(value), refusal('why_currency'));
/** An amount as text. Whether it is one is said by whoever takes it, in words for the field. */
const decimal = z.string().trim().min(1).max(32);
const spendCap = z.strictObject({ period: z.enum(BUDGET_PERIODS), currency, limit: decimal });
const month = z.string().refine((value) => /^\d{4}-(0[1-9]|1[0-2])$/.test(value), refusal('why_month'));

/** Half a surrogate pair can neither be stored nor sent as UTF-8; it becomes U+FFFD before anybody sees it. */
const messageText = z
  .string()
  .max(MAX_INPUT_CHARS)
  .overwrite((value) => value.toWellFormed());

const contentBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: messageText }),
  z.strictObject({
    type: z.literal('image'),
    name: z.string().max(1024),
    path: z.string().max(4096),
    media_type: z.string().max(128),
  }),
  z.strictObject({
    type: z.literal('file'),
    name: z.string().max(1024),
    path: z.string().max(4096),
    media_type: z.string().max(128).exactOptional(),
  }),
]);

const input = z.union([messageText, z.array(contentBlock).max(1000)]);

const multitaskStrategy = z.enum(['enqueue', 'interrupt', 'reject', 'rollback', 'steer']);

/** One piece of an upload: 1 MiB of file is 1.4 MB of Base64. */
export const ATTACHMENT_CHUNK_BYTES = 1024 * 1024;
/** E6-08. */
export const MAX_ATTACHMENT_BYTES = 50 * 1024 * 1024;

/**
 * Callers arrive from the socket vocabulary (`session_id`) and from the camelCase routes (`sessionId`, `id`). All three
 * name the same thing, so all are read; the schema itself knows one.
 */
function aliased<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  aliases: Record<string, keyof Shape & string>,
): z.ZodType<z.output<z.ZodObject<Shape, z.core.$strict>>, z.input<z.ZodObject<Shape, z.core.$strict>>> {
  const schema = z.strictObject(shape);
  const tolerant = z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [aliases[key] ?? key, field]));
  }, schema);
  // preprocess() types its input as unknown; callers of the typed API are held to the schema's own spelling.
  return tolerant as unknown as z.ZodType<z.output<typeof schema>, z.input<typeof schema>>;
}

const chatSession = { sessionId: 'session_id' } as const;
const session = { session_id: 'sessionId', id: 'sessionId', thread_id: 'sessionId' } as const;
const run = { run_id: 'runId', id: 'runId' } as const;
const credential = { id: 'credentialId' } as const;
/** E10-26. */
const cooldownMs = z.int().min(1000).max(7_200_000);
const credentialIds = z.array(id).min(1).max(500);
const profile = { id: 'profileId' } as const;

const { temperature, topP, maxOutputTokens } = PARAMETER_RANGES;
const temperatureValue = z.number().min(temperature.min).max(temperature.max);
const topPValue = z.number().min(topP.min).max(topP.max);
const outputTokens = z.int().min(maxOutputTokens.min).max(maxOutputTokens.max);
const effort = z.enum(EFFORTS);
const parameterSpellings = {
  top_p: 'topP',
  max_output_tokens: 'maxOutputTokens',
  reasoning_effort: 'reasoningEffort',
} as const;

/** How an answer is to be made. */
const modelParameters = aliased(
  {
    temperature: temperatureValue.exactOptional(),
    topP: topPValue.exactOptional(),
    maxOutputTokens: outputTokens.exactOptional(),
    reasoningEffort: effort.exactOptional(),
  },
  parameterSpellings,
);

/** The same with null, which gives a parameter back to the model. */
const changedParameters = aliased(
  {
    temperature: temperatureValue.nullable().exactOptional(),
    topP: topPValue.nullable().exactOptional(),
    maxOutputTokens: outputTokens.nullable().exactOptional(),
    reasoningEffort: effort.nullable().exactOptional(),
  },
  parameterSpellings,
);

export const routeSchemas = {
  'chat.run': aliased(
    {
      input,
      session_id: id.exactOptional(),
      model: name.exactOptional(),
      provider: name.exactOptional(),
      instructions: optionalText.exactOptional(),
      profile: name.exactOptional(),
      /** The folder of a session that this message begins. */
      workspace: path.exactOptional(),
      /** A message of this conversation that the new one takes the place of, with all that follows it. */
      replace_from: id.exactOptional(),
      /** A run of this conversation, also one that never began: what it was to be answered with holds here, too. */
      like_run: id.exactOptional(),
      queue_id: id.exactOptional(),
      /** Names the request: the same key again answers with the same run. */
      idempotency_key: id.exactOptional(),
      reasoning_effort: effort.exactOptional(),
      /** For this answer; where the message begins a conversation, for the whole of it. */
      parameters: modelParameters.exactOptional(),
      strategy: multitaskStrategy.exactOptional(),
    },
    chatSession,
  ),
  'chat.abort': aliased({ session_id: id, run_id: id.exactOptional() }, chatSession),
  'chat.resume': aliased(
    {
      session_id: id,
      after_seq: z.int().min(0).exactOptional(),
      /** An event's id as text; one that cannot be read is answered with a `gap`. */
      last_event_id: z.string().max(128).exactOptional(),
      /** How many of the newest rows to send; earlier ones are asked for with `sessions.page`. */
      limit: z.int().min(1).max(PAGE_LIMIT).exactOptional(),
    },
    chatSession,
  ),
  'chat.unsubscribe': aliased({ session_id: id }, chatSession),
  'chat.cancel_queued_run': aliased({ session_id: id, queue_id: id }, chatSession),
  'chat.queue_edit': aliased({ session_id: id, queue_id: id, input }, chatSession),
  'chat.queue_move': aliased({ session_id: id, queue_id: id, position: z.int().min(0).max(10_000) }, chatSession),
  'chat.queue_clear': aliased({ session_id: id }, chatSession),
  'chat.queue_send_now': aliased({ session_id: id, queue_id: id }, chatSession),
  'chat.queue_resume': aliased({ session_id: id }, chatSession),
  'chat.queue_pause': aliased({ session_id: id }, chatSession),
  /** Asks for another answer to the same message: the newest one, or that of `run_id` with all that follows it. */
  'chat.regenerate': aliased(
    {
      session_id: id,
      run_id: id.exactOptional(),
      model: name.exactOptional(),
      profile: name.exactOptional(),
      queue_id: id.exactOptional(),
    },
    chatSession,
  ),
  'chat.clarify_respond': aliased(
    { session_id: id, clarify_id: id, response: z.string().min(1).max(MAX_TEXT_CHARS) },
    chatSession,
  ),
  'chat.approval_respond': aliased(
    {
      session_id: id,
      approval_id: id,
      choice: z.enum(['once', 'session', 'always', 'deny']).default('deny'),
      all: z.boolean().exactOptional(),
    },
    chatSession,
  ),
  'sessions.list': z.strictObject({
    limit: z.int().min(1).max(2000).default(500),
    offset: z.int().min(0).default(0),
    archived: z.boolean().default(false),
  }),
  'sessions.create': z.strictObject({
    title: z.string().max(MAX_NAME_CHARS).exactOptional(),
    profile: name.exactOptional(),
    model: name.exactOptional(),
    workspace: path.exactOptional(),
    instructions: optionalText.exactOptional(),
    parameters: modelParameters.exactOptional(),
  }),
  'sessions.get': aliased({ sessionId: id }, session),
  'sessions.page': aliased(
    { sessionId: id, beforeId: id.exactOptional(), limit: z.int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT) },
    { ...session, before_id: 'beforeId' },
  ),
  'sessions.rename': aliased({ sessionId: id, title: name }, session),
  'sessions.update': aliased(
    {
      sessionId: id,
      pinned: z.boolean().exactOptional(),
      archived: z.boolean().exactOptional(),
      /** All of them; each once. */
      tags: z.array(tag).max(20).exactOptional(),
      profile: name.nullable().exactOptional(),
      model: name.nullable().exactOptional(),
      workspace: path.nullable().exactOptional(),
      instructions: optionalText.nullable().exactOptional(),
      /** Those that are named change; null gives one back to the model. */
      parameters: changedParameters.exactOptional(),
    },
    session,
  ),
  /** A new conversation that holds everything up to and including this message. */
  'sessions.fork': aliased({ sessionId: id, messageId: id }, { ...session, message_id: 'messageId' }),
  /** Summarises what is old now, whatever the thresholds say. */
  'sessions.compact': aliased({ sessionId: id }, session),
  'sessions.undoCompaction': aliased({ sessionId: id }, session),
  'sessions.editCompaction': aliased({ sessionId: id, compactionId: id, summary: optionalText }, session),
  'sessions.pinMessage': aliased(
    { sessionId: id, messageId: id, pinned: z.boolean() },
    { ...session, message_id: 'messageId' },
  ),
  /** What the next request will hold, by part; with the profile and model that it is to be sent with. */
  'sessions.context': aliased({ sessionId: id, profile: name.exactOptional(), model: name.exactOptional() }, session),
  /** Puts messages back that an edit or a regeneration had replaced; those that stand in their place are set aside. */
  'sessions.switch_version': aliased({ sessionId: id, versionId: id }, { ...session, version_id: 'versionId' }),
  /** Deletes the turn of a message for good: what was said and what was made of it. What it cost stays in the ledger. */
  'sessions.deleteTurn': aliased({ sessionId: id, messageId: id }, { ...session, message_id: 'messageId' }),
  'sessions.delete': aliased({ sessionId: id }, session),
  /** Finds messages and conversations. With a filter only messages are found. */
  'sessions.search': z.strictObject({
    query: z.string().max(500),
    limit: z.int().min(1).max(200).default(50),
    sessionId: id.exactOptional(),
    role: z.enum(['user', 'assistant', 'tool']).exactOptional(),
    /** The model that wrote it. */
    model: name.exactOptional(),
    fromMs: z.int().min(0).exactOptional(),
    toMs: z.int().min(0).exactOptional(),
    hasCode: z.boolean().exactOptional(),
    tag: tag.exactOptional(),
  }),
  /** The models that answered, for a filter; the most used first. */
  'sessions.models': z.strictObject({}),
  'sessions.export': aliased({ sessionId: id, format: z.enum(['json', 'markdown']).default('json') }, session),
  'feedback.list': aliased({ sessionId: id }, session),
  /** Votes on an answer; null takes the vote back. */
  'feedback.set': aliased(
    { sessionId: id, runId: id, rating: z.union([z.literal(1), z.literal(-1)]).nullable() },
    { ...session, ...run },
  ),
  'runs.get': aliased({ runId: id }, run),
  /** A run's log as JSON Lines, in pieces; one that is live goes on behind its last piece. */
  'runs.events.export': aliased({ runId: id, afterSeq: z.int().min(0).default(0) }, run),
  'runs.list': aliased({ sessionId: id, limit: z.int().min(1).max(100).default(100) }, session),
  'profiles.list': z.strictObject({}),
  'profiles.create': z.strictObject({
    name: name.refine((value) => !value.includes('/'), refusal('why_slash')),
    kind: z.enum(PROFILE_KINDS),
    baseUrl: z.string().max(2048).default(''),
    defaultModel: name.exactOptional(),
    contextLength: z.int().min(1).max(100_000_000).exactOptional(),
  }),
  'profiles.update': aliased(
    {
      profileId: id,
      baseUrl: z.string().max(2048).exactOptional(),
      defaultModel: name.nullable().exactOptional(),
      contextLength: z.int().min(1).max(100_000_000).nullable().exactOptional(),
    },
    profile,
  ),
  /** Asks a profile's upstream for its models, or tells what it answered some minutes ago. */
  'profiles.health': aliased({ profileId: id, fresh: z.boolean().default(false) }, profile),
  /** Looks for model servers on this computer. */
  'upstreams.discover': z.strictObject({}),
  'profiles.leftovers': z.strictObject({}),
  'attachments.begin': z.strictObject({
    name: z.string().max(4096),
    sizeBytes: z.int().min(0),
    mediaType: z.string().max(256).exactOptional(),
  }),
  'attachments.append': z.strictObject({
    uploadId: id,
    offsetBytes: z.int().min(0),
    /** Base64 of at most `ATTACHMENT_CHUNK_BYTES`. */
    data: z.string().max(Math.ceil(ATTACHMENT_CHUNK_BYTES / 3) * 4 + 4),
  }),
  'attachments.finish': z.strictObject({ uploadId: id }),
  'attachments.cancel': z.strictObject({ uploadId: id }),
  'profiles.delete': aliased({ profileId: id }, profile),
  'credentials.list': z.strictObject({ profileId: id.exactOptional() }),
  'credentials.create': z.strictObject({
    profileId: id,
    label: name,
    secret: z.string().max(65_536),
    priority: z.int().min(0).max(1_000_000).exactOptional(),
    group: name.exactOptional(),
    maxInFlight: z.int().min(0).max(10_000).exactOptional(),
  }),
  /** Stored first, then it holds at once. Absent fields stay. */
  'credentials.update': aliased(
    {
      credentialId: id,
      label: name.exactOptional(),
      priority: z.int().min(0).max(1_000_000).exactOptional(),
      group: name.nullable().exactOptional(),
      maxInFlight: z.int().min(0).max(10_000).exactOptional(),
      /** Null allows every model. */
      models: z.array(name).min(1).max(500).nullable().exactOptional(),
    },
    credential,
  ),
  /** On also forgets failures and rest. */
  'credentials.setDisabled': z.strictObject({ credentialIds, disabled: z.boolean() }),
  /** As good as new: on, rested, without failures. */
  'credentials.reset': z.strictObject({ credentialIds }),
  /** Asks each key's upstream whether it is accepted; costs nothing. */
  'credentials.test': z.strictObject({ credentialIds }),
  'credentials.health': z.strictObject({}),
  /** All keys as a file; with a passphrase their secrets are in it, sealed. */
  'credentials.export': z.strictObject({ passphrase: passphrase.exactOptional() }),
  /** Adds the keys of such a file; what is here already stays. */
  'credentials.import': z.strictObject({ content: z.string().max(6_000_000), passphrase: passphrase.exactOptional() }),
  /** Another secret for the same record. `origin` is the address that the person saw the key would be sent to. */
  'credentials.replaceSecret': aliased(
    { credentialId: id, secret: z.string().max(65_536), origin: z.string().max(2048) },
    credential,
  ),
  'credentials.delete': aliased({ credentialId: id }, credential),
  /** Says that a key may be sent to its profile's present address. `origin` is the one that the person saw. */
  'credentials.confirmHost': aliased({ credentialId: id, origin: z.string().max(2048) }, credential),
  /** A credential that renews itself at a token endpoint. */
  'credentials.createOAuth': z.strictObject({
    profileId: id,
    label: name,
    tokenUrl: z.string().max(2048),
    clientId: name,
    clientSecret: z.string().max(4096).exactOptional(),
    refreshToken: z.string().max(65_536),
    scope: z.string().max(4096).exactOptional(),
    priority: z.int().min(0).max(1_000_000).exactOptional(),
    group: name.exactOptional(),
    maxInFlight: z.int().min(0).max(10_000).exactOptional(),
  }),
  /** Another refresh token for one that has ended. */
  'credentials.signIn': aliased(
    { credentialId: id, refreshToken: z.string().max(65_536), clientSecret: z.string().max(4096).exactOptional() },
    credential,
  ),
  /** Renews a token now. */
  'credentials.refresh': aliased({ credentialId: id }, credential),
  /** Puts a key into a group, or out of any. */
  'credentials.setGroup': aliased({ credentialId: id, group: name.nullable() }, credential),
  /** What was estimated of the prefixes of requests, newest first. */
  'prefixHints.list': z.strictObject({}),
  'prefixHints.clear': z.strictObject({}),
  /** Deletes a group: its keys stay and belong to none, its proxy goes. */
  'groups.delete': z.strictObject({ group: name }),
  'proxies.list': z.strictObject({}),
  'proxies.set': z.strictObject({
    scope: z.enum(['global', 'group', 'credential']),
    /** A credential's id or a group's name. */
    owner: z.string().max(MAX_NAME_CHARS).default(''),
    mode: z.enum(['proxy', 'direct']),
    url: z.string().max(2048).exactOptional(),
    username: z.string().max(512).nullable().exactOptional(),
    /** Absent keeps it, empty clears it. It is never given back. */
    password: z.string().max(4096).exactOptional(),
  }),
  'proxies.delete': z.strictObject({
    scope: z.enum(['global', 'group', 'credential']),
    owner: z.string().max(MAX_NAME_CHARS).default(''),
  }),
  /** Opens the keys behind a passphrase. */
  'secrets.unlock': z.strictObject({ passphrase }),
  /** Sets the first passphrase. */
  'secrets.setUp': z.strictObject({ passphrase }),
  'secrets.changePassphrase': z.strictObject({ current: passphrase, next: passphrase }),
  /** A new passphrase beside a lost one: what the old one sealed stays locked. */
  'secrets.startOver': z.strictObject({ passphrase }),
  'settings.get': z.strictObject({}),
  'settings.set': z.strictObject({
    values: z
      .strictObject({
        defaultProfile: name,
        theme: z.enum(['system', 'light', 'dark']),
        language: z.enum(['system', ...LOCALES]),
        textSize: z.literal(TEXT_SIZES),
        reduceMotion: z.boolean(),
        shortcuts: z.partialRecord(
          z.enum(COMMAND_IDS),
          z.string().max(40).refine(areBindable, refusal('why_unbound')).nullable(),
        ),
        stopPausesQueue: z.boolean(),
        pauseQueueOnFailure: z.boolean(),
        systemPrompt: optionalText,
        notifyWhenDone: z.boolean(),
        compressionEnabled: z.boolean(),
        compressionThreshold: z.number().min(0.05).max(0.95),
        compressionMaxMessages: z.int().min(0).max(100_000),
        compressionTailMessages: z.int().min(0).max(500),
        summaryProfile: z.string().max(MAX_NAME_CHARS),
        summaryModel: z.string().max(MAX_NAME_CHARS),
        headersTimeoutMs: z.int().min(1000).max(3_600_000),
        idleTimeoutMs: z.int().min(1000).max(3_600_000),
        totalTimeoutMs: z.int().min(1000).max(86_400_000),
        maxQueuePerSession: z.int().min(1).max(1000),
        maxConcurrentRuns: z.int().min(0).max(10_000),
        credentialMode: z.enum(['priority', 'balanced']),
        credentialQueueLimit: z.int().min(0).max(1000),
        credentialQueueWaitMs: z.int().min(1000).max(600_000),
        credentialRestWaitMs: z.int().min(3000).max(120_000),
        credentialOverflow: z.boolean(),
        maxRequestsInFlight: z.int().min(0).max(10_000),
        cooldownsEnabled: z.boolean(),
        rateLimitCooldownMs: cooldownMs,
        timeoutCooldownMs: cooldownMs,
        upstreamErrorCooldownMs: cooldownMs,
        overageCooldownMs: cooldownMs,
        suspiciousCooldownMs: cooldownMs,
        prefixHintsEnabled: z.boolean(),
        prefixTtlMs: z.int().min(10_000).max(86_400_000),
        prefixMinTokens: z.int().min(0).max(1_000_000),
        prefixCapacity: z.int().min(1).max(65_536),
        localApiEnabled: z.boolean(),
        localApiPort: z.int().min(1024).max(65_535),
        messagesProfile: optionalName,
        completionsProfile: optionalName,
        responsesProfile: optionalName,
        modelAliases: z.record(z.string().trim().min(1).max(200), z.string().trim().min(1).max(400)),
        logDetail: z.enum(LOG_DETAILS),
        closeToTray: z.boolean(),
        quickKeys: z.enum(QUICK_KEYS).nullable(),
        openAtLogin: z.boolean(),
        spellCheck: z.enum(['auto', 'on', 'off']),
        quitWhileBusy: z.enum(QUIT_CHOICES),
        updateChecks: z.enum(UPDATE_CHECKS),
        updateChannel: z.enum(UPDATE_CHANNELS),
      })
      .partial(),
  }),
  /** What was spent: the last days, today included, or a calendar month. Days are those of the zone; else of the host's. */
  'usage.summary': z.strictObject({
    days: z.int().min(1).max(400).default(30),
    month: month.exactOptional(),
    timeZone: z.string().max(64).exactOptional(),
  }),
  /** Single calls, newest first. */
  'usage.calls': z.strictObject({
    limit: z.int().min(1).max(500).default(100),
    cursor: z
      .string()
      .regex(/^\d{1,15}$/)
      .exactOptional(),
  }),
  /** What one conversation spent. */
  'usage.session': aliased({ sessionId: id, includeActive: z.boolean().default(false) }, session),
  /** What the answers of some runs cost, in the order asked for. */
  'usage.runs': z.strictObject({ runIds: z.array(id).min(1).max(200) }),
  /** Calls of a span as CSV, piece by piece: ask again with `nextCursor` until it is null. */
  'usage.export': z.strictObject({
    fromMs: z.int().min(0),
    toMs: z.int().min(0),
    cursor: z
      .string()
      .regex(/^\d{1,15}\.\d{1,15}$/)
      .exactOptional(),
  }),
  'usage.budgets': z.strictObject({}),
  /** Adds a budget, or with an id changes one. */
  'usage.saveBudget': z.strictObject({
    id: id.exactOptional(),
    period: z.enum(BUDGET_PERIODS),
    currency,
    limit: decimal,
    warnShare: z.number().min(0.05).max(1).default(0.8),
    stops: z.boolean().default(false),
  }),
  'usage.deleteBudget': z.strictObject({ id }),
  /** A person's own prices and windows of models. */
  'models.overrides': z.strictObject({}),
  /** Adds an entry, or with an id changes one. Prices are for a million tokens. */
  'models.saveOverride': z.strictObject({
    id: id.exactOptional(),
    profile: name.nullable().default(null),
    model: name,
    currency: currency.default('USD'),
    input: decimal.nullable().default(null),
    output: decimal.nullable().default(null),
    cacheRead: decimal.nullable().default(null),
    cacheWrite: decimal.nullable().default(null),
    cacheWrite1h: decimal.nullable().default(null),
    contextTokens: z.int().min(1).max(100_000_000).nullable().default(null),
  }),
  'models.deleteOverride': z.strictObject({ id }),
  /** Texts of a person's own that are sent again and again. */
  /** Every tag that is in use, with the number of its conversations. */
  'tags.list': z.strictObject({}),
  /** In every conversation. A name that another tag has is a `conflict`, unless the two are to become one. */
  'tags.rename': z.strictObject({ tag, to: tag, merge: z.boolean().exactOptional() }),
  'tags.delete': z.strictObject({ tag }),
  'prompts.list': z.strictObject({}),
  /** Adds a prompt, or with an id changes one. */
  'prompts.save': z.strictObject({ id: id.exactOptional(), name: tag, body: z.string().min(1).max(MAX_TEXT_CHARS) }),
  'prompts.delete': z.strictObject({ id }),
  /** Adds prompts from a file; one of the same name takes the place of the one that was there. */
  'prompts.import': z.strictObject({
    prompts: z.array(z.object({ name: tag, body: z.string().min(1).max(MAX_TEXT_CHARS) })).max(1000),
  }),
  'localApi.state': z.strictObject({}),
  /** Makes a key for a program. The answer is the only place where the key is ever seen. */
  'localApi.createClient': z.strictObject({
    name,
    scopes: z.array(z.enum(CLIENT_SCOPES)).min(1).exactOptional(),
    cap: spendCap.nullable().default(null),
  }),
  /** What a program may spend; null takes the limit away. */
  'localApi.setClientCap': z.strictObject({ clientId: id, cap: spendCap.nullable() }),
  'localApi.revokeClient': z.strictObject({ clientId: id }),
  /** The newest calls of programs to the model endpoints, newest first, without anything that was said. */
  'localApi.calls': z.strictObject({}),
  /** Has a profile say one word over the server's own address. It costs what that costs. */
  'localApi.try': z.strictObject({ profile: name }),
  /** How the store stands; answered also when it could not be opened. */
  'data.store': z.strictObject({}),
  'data.backups': z.strictObject({}),
  /** `upgrade`: the one that is made before another version takes over. */
  'data.backUp': z.strictObject({ reason: z.enum(['asked', 'upgrade']).default('asked') }),
  'data.deleteBackup': z.strictObject({ file: z.string().max(200) }),
  /** Puts a backup in the place of the conversations. Sluice opens anew; `data.store` tells when. */
  'data.restore': z.strictObject({ file: z.string().max(200) }),
  /** Of conversations that could not be opened: tries again. */
  'data.reopen': z.strictObject({}),
  /** Of conversations that could not be opened: keeps their file under another name and begins a new one. */
  'data.startEmpty': z.strictObject({}),
  'data.showFolder': z.strictObject({}),
  /** Writes conversations with their files into a zip; all of them where none is named. `data.progress` tells the rest. */
  'data.export': z.strictObject({ sessionIds: z.array(id).min(1).max(10_000).exactOptional() }),
  /** A piece of a finished export as Base64; empty at its end. */
  'data.exportRead': z.strictObject({ jobId: id, offsetBytes: z.int().min(0) }),
  'data.importBegin': z.strictObject({ name: z.string().max(4096), sizeBytes: z.int().min(1) }),
  'data.importAppend': z.strictObject({
    importId: id,
    offsetBytes: z.int().min(0),
    data: z.string().max(Math.ceil(ATTACHMENT_CHUNK_BYTES / 3) * 4 + 4),
  }),
  /** Looks at an uploaded file and changes nothing. */
  'data.importPreview': z.strictObject({ importId: id }),
  'data.importStart': z.strictObject({ importId: id }),
  'data.importForget': z.strictObject({ importId: id }),
  'data.job': z.strictObject({ jobId: id }),
  /** What is done stays done; what was half done goes. */
  'data.cancelJob': z.strictObject({ jobId: id }),
  /** Deletes every conversation with its files, for good. */
  'data.deleteAll': z.strictObject({ confirm: z.literal('delete everything'), backups: z.boolean() }),
  /**
   * Puts together what helps to find a fault, for a person to read. Holds nothing of a conversation unless one is named.
   * The newest one is kept until the next.
   */
  'diagnostics.collect': z.strictObject({ sessionId: id.exactOptional() }),
  /** Packs files of a collected bundle, as they were shown, into a zip (Base64). */
  'diagnostics.zip': z.strictObject({ bundleId: id, files: z.array(z.string().max(200)).min(1).max(50) }),
  /** A person took note of the end that nobody asked for. */
  'diagnostics.seenCrash': z.strictObject({}),
  /** A page tells that a part of it failed. Only places in the program are kept, never what it was about. */
  'diagnostics.pageFailed': z.strictObject({
    place: z.string().max(100),
    error: z.string().max(200),
    stack: z.string().max(20_000),
  }),
  'app.info': z.strictObject({}),
  /** Opens the system's folder dialog, where the host has one. */
  'app.choose_folder': z.strictObject({ title: z.string().max(200).exactOptional() }),
  /** What the system made of the wishes about tray, keys and login; null where the host is no desktop application. */
  'app.desktop': z.strictObject({}),
  /** How it stands with new versions; `way` says how this host gets one. */
  'updates.state': z.strictObject({}),
  /** Asks for the newest version, once. `updates.changed` tells what came of it, as of all below. */
  'updates.check': z.strictObject({}),
  /** Fetches the version that was found; an older one than this only where `older` says so. */
  'updates.download': z.strictObject({ older: z.boolean().default(false) }),
  'updates.cancel': z.strictObject({}),
  /** Makes a backup, ends Sluice and installs what was fetched. Running answers are asked about first. */
  'updates.install': z.strictObject({}),
  /** Hands a `sluice:` link in. It waits for a person; what cannot be taken waits as a refusal. */
  'links.offer': z.strictObject({ address: z.string().max(1_000_000) }),
  'links.pending': z.strictObject({}),
  /** A person's answer. `accept` of a refusal only takes it away. */
  'links.answer': z.strictObject({ id, accept: z.boolean() }),
} as const;

export type RouteName = keyof typeof routeSchemas;

/** The control routes of a conversation: the socket's events are these names without `chat.`. */
export const CHAT_ROUTES = (Object.keys(routeSchemas) as RouteName[]).filter((route) => route.startsWith('chat.'));
