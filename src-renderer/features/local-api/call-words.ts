import i18next from 'i18next';
import type { ApiCallRecord } from '#contract/programs';
import { formatDuration } from '../../ui/format.ts';
import { formatCount, formatMoney } from '../../ui/format-money.ts';

/** Who asked: a program by the name of its key, or the owner. */
export function clientText(client: string | null): string {
  return client ?? i18next.t('localApi.calls.owner');
}

/** "0.41 s", "340 ms"; three points while it goes on. */
export function spanText(durationMs: number | null, isOver: boolean): string {
  if (durationMs === null) return isOver ? '–' : '…';
  if (durationMs < 1000) return i18next.t('unit.milliseconds', { value: Math.round(durationMs) });
  return formatDuration(durationMs, true);
}

/** "22,418", with a sign where it is estimated; a dash where nobody knows, three points where nobody knows yet. */
export function tokensText(tokens: number | null, call: Pick<ApiCallRecord, 'isEstimate' | 'outcome'>): string {
  if (tokens === null) return call.outcome === 'running' ? '…' : '–';
  return call.isEstimate ? `≈ ${formatCount(tokens)}` : formatCount(tokens);
}

/** What a call cost. Where it has figures but no price, that is said: it is not free. */
export function callCostText(
  call: Pick<ApiCallRecord, 'cost' | 'currency' | 'isEstimate' | 'outcome' | 'inputTokens'>,
): string {
  const { cost, currency, isEstimate, outcome, inputTokens } = call;
  if (cost !== null && currency !== null) return `${isEstimate ? '≈ ' : ''}${formatMoney(cost, currency)}`;
  if (outcome === 'running') return '…';
  return inputTokens === null ? '–' : i18next.t('usage.priceUnknown');
}

/** Where a call stands, in a word or two. */
export function outcomeText(call: Pick<ApiCallRecord, 'outcome' | 'firstByteMs' | 'status'>): string {
  const { outcome, firstByteMs, status } = call;
  if (outcome === 'running')
    return i18next.t(firstByteMs === null ? 'localApi.calls.waiting' : 'localApi.calls.answering');
  if (outcome === 'failed' && status !== null && status >= 400)
    return i18next.t('localApi.calls.failedWith', { status });
  return i18next.t(`localApi.calls.${outcome}`);
}
