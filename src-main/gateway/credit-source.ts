import type { CreditAmount, TellsCredit } from '#contract/credit';
import type { ProfileKind } from '#contract/records';
import { isObject, type JsonObject } from './json.ts';

/** Where a provider tells what is left, and how its answers are read. */
export interface CreditSource {
  tells: Exclude<TellsCredit, 'no'>;
  of: 'key' | 'account';
  /** Whole addresses; all of them are asked, in this order. */
  urls: readonly string[];
  /** @returns null for answers that do not tell it. */
  read: (answers: readonly JsonObject[]) => CreditAmount[] | null;
}

/** These have no address for it that an ordinary key may ask (their documentation, 2026-11). */
const SILENT_HOSTS = new Set(['api.openai.com', 'api.anthropic.com', 'generativelanguage.googleapis.com']);

interface KnownHost extends Omit<CreditSource, 'tells' | 'urls'> {
  path: string;
}

/** As those providers document it (2026-11). */
const KNOWN_HOSTS: Readonly<Record<string, KnownHost>> = {
  'openrouter.ai': { path: '/api/v1/key', of: 'key', read: ([answer]) => openRouterAmounts(dataOf(answer)) },
  'api.deepseek.com': { path: '/user/balance', of: 'account', read: ([answer]) => deepSeekAmounts(answer) },
  'api.moonshot.ai': balanceAt('/v1/users/me/balance', 'available_balance', 'USD'),
  'api.moonshot.cn': balanceAt('/v1/users/me/balance', 'available_balance', 'CNY'),
  'api.siliconflow.com': balanceAt('/v1/user/info', 'totalBalance', 'USD'),
  'api.siliconflow.cn': balanceAt('/v1/user/info', 'totalBalance', 'CNY'),
};

/** What one-api and new-api, which most resellers run, say for a key without a limit. */
const NO_LIMIT_USD = 100_000_000;

/**
 * Where the credit of a profile's keys can be asked for; null for a provider that does not tell it.
 *
 * Hosts that are not known are asked as resellers with one-api or new-api answer, which took it from OpenAI's old dashboard:
 * a limit in dollars, and what was spent of it in cents.
 *
 * @param baseUrl a profile's address: without `/v1` and a slash at its end.
 */
export function creditSourceOf(kind: ProfileKind, baseUrl: string): CreditSource | null {
  if (kind !== 'openai-chat' && kind !== 'anthropic') return null;
  const { hostname, origin } = new URL(baseUrl);
  const known = KNOWN_HOSTS[hostname];
  if (known !== undefined) return { tells: 'yes', of: known.of, urls: [`${origin}${known.path}`], read: known.read };
  if (SILENT_HOSTS.has(hostname)) return null;
  const billing = `${baseUrl}/v1/dashboard/billing`;
  return { tells: 'maybe', of: 'key', urls: [`${billing}/subscription`, `${billing}/usage`], read: resellerAmounts };
}

function dataOf(answer: JsonObject | undefined): JsonObject | null {
  const data = answer?.['data'];
  return isObject(data) ? data : null;
}

/** An account's balance as one field of the answer's data. */
function balanceAt(path: string, field: string, currency: string): KnownHost {
  return {
    path,
    of: 'account',
    read: ([answer]) => {
      const left = amountOf(dataOf(answer)?.[field]);
      return left === null ? null : [{ currency, left, used: null }];
    },
  };
}

/** `limit_remaining` is null for a key that has no limit of its own. */
function openRouterAmounts(data: JsonObject | null): CreditAmount[] | null {
  const [left, used] = [amountOf(data?.['limit_remaining']), amountOf(data?.['usage'])];
  return left === null && used === null ? null : [{ currency: 'USD', left, used }];
}

function deepSeekAmounts(answer: JsonObject | undefined): CreditAmount[] | null {
  const infos = answer?.['balance_infos'];
  if (!Array.isArray(infos)) return null;
  const amounts = infos.flatMap((info: unknown): CreditAmount[] => {
    const left = isObject(info) ? amountOf(info['total_balance']) : null;
    const currency = isObject(info) ? info['currency'] : null;
    return left === null || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)
      ? []
      : [{ currency, left, used: null }];
  });
  return amounts.length === 0 ? null : amounts;
}

function resellerAmounts([subscription, usage]: readonly JsonObject[]): CreditAmount[] | null {
  const limit = subscription?.['hard_limit_usd'];
  const cents = usage?.['total_usage'];
  if (typeof limit !== 'number' || typeof cents !== 'number') return null;
  const used = cents / 100;
  return [{ currency: 'USD', left: limit >= NO_LIMIT_USD ? null : amountOf(limit - used), used: amountOf(used) }];
}

/** Decimal text without an exponent, to a millionth; null for what is no amount. */
function amountOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : value;
  if (text === '' || (typeof text !== 'string' && typeof text !== 'number')) return null;
  const amount = Number(text);
  if (!Number.isFinite(amount) || Math.abs(amount) >= 1e15) return null;
  const [whole = '0', fraction = ''] = amount.toFixed(6).split('.');
  const digits = fraction.replace(/0+$/, '');
  const shown = digits === '' ? whole : `${whole}.${digits}`;
  return shown === '-0' ? '0' : shown;
}
