/** What was spent: the shapes of the ledger as callers see it. Money is decimal text, exact; a currency is never left out. */

export const CALL_CALLERS = ['lead_agent', 'subagent', 'middleware'] as const;
/** Who made a call: the conversation itself, an agent below it, or something that Sluice does on the side. */
export type CallCaller = (typeof CALL_CALLERS)[number];

export const CALL_PURPOSES = ['chat', 'summary', 'title', 'api'] as const;
export type CallPurpose = (typeof CALL_PURPOSES)[number];

export const CALL_OUTCOMES = ['completed', 'failed', 'stopped', 'refused', 'lost'] as const;
/**
 * How a call ended. `refused`: the upstream answered that it would not, so nothing was billed. `lost`: Sluice ended before
 * it could know.
 */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** Whose word a figure is. */
export type FigureSource = 'provider' | 'estimate';

/** Tokens of a call. `null` is unknown, which is not zero. Input includes what was cached, output what was thought. */
export interface CallFigures {
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  /** Parts of the writes by how long they are kept, where the provider told them apart. */
  cacheWrite5mTokens: number | null;
  cacheWrite1hTokens: number | null;
  reasoningTokens: number | null;
}

/**
 * Prices of one model, in whole picos (10⁻¹² of the currency) a token. `null` is unknown. A missing cache price counts as
 * the input's, as those providers bill it.
 */
export interface PriceTier {
  /** The tier holds for calls with more input tokens than this; the first one has 0. */
  aboveTokens: number;
  input: number | null;
  output: number | null;
  cacheRead: number | null;
  cacheWrite: number | null;
  cacheWrite1h: number | null;
  /** Where thinking has a price of its own. */
  reasoning: number | null;
  /** For the call as such. */
  request: number | null;
}

/** The prices that a call was booked with, and where they are from. */
export interface PriceSnapshot {
  currency: string;
  /** A person's own table, the list that ships with Sluice, or the demo, which costs nothing. */
  from: 'override' | 'list' | 'demo';
  /** Which entry of it, as `provider/model` or the pattern of the table. */
  entry: string;
  /** Lowest first, at least one. */
  tiers: PriceTier[];
}

/** One call to an upstream, as it is booked. */
export interface UsageCall extends CallFigures {
  /** Names the call; booking it again changes nothing. */
  id: string;
  runId: string | null;
  sessionId: string | null;
  /** The program's key on whose behalf it was made; absent where a person asked. */
  clientId?: string | null;
  profile: string;
  model: string | null;
  credentialId: string | null;
  /** The key's name when the call was made; it outlives the key. */
  credentialLabel: string | null;
  caller: CallCaller;
  purpose: CallPurpose;
  outcome: CallOutcome;
  /** False where the upstream refused: a request, but not on the bill. */
  billable: boolean;
  /** `provider` only where input and output both are the provider's final word. */
  source: FigureSource;
  inputSource: FigureSource | null;
  outputSource: FigureSource | null;
  price: PriceSnapshot | null;
  /** Whole picos of the price's currency, as digits; null where price or tokens are unknown, and where nothing is billed. */
  costPicos: string | null;
  startedAtMs: number;
  endedAtMs: number;
}

/** A sum in one currency. Sums of different currencies stand beside each other. */
export interface Money {
  currency: string;
  /** Decimal text without loss, such as `41.2700015`. */
  amount: string;
  /** The part of it that is estimated. */
  estimated: string;
}

export interface CostSum {
  /** One entry a currency, largest first. Empty where nothing has a known cost. */
  amounts: Money[];
  /** Billed calls without a known price: what they cost is in none of the sums. */
  unpricedCalls: number;
}

/** Figures of several calls. Token sums are over the calls that know them, null where none does. */
export interface UsageTotals {
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  reasoningTokens: number | null;
  /** Calls that left, refused ones included. */
  requests: number;
  /** Of these, calls that the upstream refused. */
  refused: number;
  /** Calls of which a figure is estimated, and the input and output of those calls. */
  estimatedRequests: number;
  estimatedTokens: number;
  /** Read from caches by input, over calls whose provider reported both; null where none did. */
  cacheHitRatio: number | null;
  cost: CostSum;
}

export interface ModelUsage extends UsageTotals {
  model: string | null;
}

export interface CredentialUsage extends UsageTotals {
  credentialId: string | null;
  label: string | null;
  profile: string;
}

export interface DayUsage extends UsageTotals {
  /** `2026-11-21`, a day of the report's time zone. */
  day: string;
  /** Models with something on this day. */
  byModel: ModelUsage[];
}

export interface UsageSummary {
  /** IANA name of the zone whose days these are. */
  timeZone: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  totals: UsageTotals;
  byModel: ModelUsage[];
  byCredential: CredentialUsage[];
  /** Every day of the span, also those without calls; oldest first. */
  byDay: DayUsage[];
}

/** What the answer of a run cost, every try of it together. Summaries that its request needed are not in it. */
export interface RunCost {
  runId: string;
  cost: CostSum;
}

/** What a conversation spent, rolled-back runs included. */
export interface SessionUsage {
  sessionId: string;
  totals: UsageTotals;
  byModel: ModelUsage[];
  byCaller: { caller: CallCaller; totals: UsageTotals }[];
  /** Calls under way, with what is known of them so far; null unless asked for. They are in no other figure. */
  active: { requests: number; estimatedInputTokens: number } | null;
}

export const BUDGET_PERIODS = ['day', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** A limit for what all calls of a day or month may cost. */
export interface Budget {
  id: string;
  period: BudgetPeriod;
  currency: string;
  /** Decimal text. */
  limit: string;
  /** From this share of the limit on it is shown as near. */
  warnShare: number;
  /** No new call begins once it is reached; else it only warns. */
  stops: boolean;
}

export interface BudgetState extends Budget {
  spent: string;
  /** `spent` by `limit`. */
  share: number;
  state: 'within' | 'near' | 'reached';
  /** Billed calls of the period without a known price; they are not in `spent`. */
  unpricedCalls: number;
}

/** What a program's key may spend of one currency in a day or a month. Once it is spent, nothing new is sent for it. */
export interface SpendCap {
  period: BudgetPeriod;
  currency: string;
  /** Decimal text. */
  limit: string;
}

export interface SpendCapState extends SpendCap {
  spent: string;
  /** `spent` by `limit`. */
  share: number;
  state: 'within' | 'near' | 'reached';
  /** Billed calls of the period without a known price; they are not in `spent`. */
  unpricedCalls: number;
  /** Billed calls of the period in other currencies; they are not in `spent` either. */
  foreignCalls: number;
}

/** A person's own prices and window for models. */
export interface ModelOverride {
  id: string;
  /** A profile's name; null for all. */
  profile: string | null;
  /** A model's name; `*` stands for any characters. */
  model: string;
  currency: string;
  /** Decimal text by million tokens; null where the entry says nothing. */
  input: string | null;
  output: string | null;
  cacheRead: string | null;
  cacheWrite: string | null;
  cacheWrite1h: string | null;
  /** Tokens that the model takes; null where the entry says nothing. */
  contextTokens: number | null;
}
