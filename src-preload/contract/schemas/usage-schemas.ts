import { z } from 'zod';
import { CLIENT_SCOPES } from '../programs.ts';
import { BUDGET_PERIODS } from '../usage-report.ts';
import { aliased, id, name, refusal, session } from './schema-fields.ts';

/** ISO 4217. */
const currency = z.string().refine((value) => /^[A-Z]{3}$/.test(value), refusal('why_currency'));
/** An amount as text. Whether it is one is said by whoever takes it, in words for the field. */
const decimal = z.string().trim().min(1).max(32);
const spendCap = z.strictObject({ period: z.enum(BUDGET_PERIODS), currency, limit: decimal });
const month = z.string().refine((value) => /^\d{4}-(0[1-9]|1[0-2])$/.test(value), refusal('why_month'));

/** What calls cost, and what programs are let in for. */
export const usageSchemas = {
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
} as const;
