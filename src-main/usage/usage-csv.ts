import { formatDecimal, PICO_PLACES } from '#contract/money';
import type { UsageCall } from '#contract/usage-report';

const COLUMNS: readonly [name: string, read: (call: UsageCall) => string | number | null][] = [
  ['started', (call) => new Date(call.startedAtMs).toISOString()],
  ['ended', (call) => new Date(call.endedAtMs).toISOString()],
  ['call', (call) => call.id],
  ['run', (call) => call.runId],
  ['conversation', (call) => call.sessionId],
  ['caller', (call) => call.caller],
  ['purpose', (call) => call.purpose],
  ['profile', (call) => call.profile],
  ['model', (call) => call.model],
  ['key', (call) => call.credentialLabel],
  ['key id', (call) => call.credentialId],
  ['outcome', (call) => call.outcome],
  ['billed', (call) => (call.billable ? 'yes' : 'no')],
  ['source', (call) => call.source],
  ['input source', (call) => call.inputSource],
  ['output source', (call) => call.outputSource],
  ['input tokens', (call) => call.inputTokens],
  ['output tokens', (call) => call.outputTokens],
  ['cache read tokens', (call) => call.cacheReadTokens],
  ['cache write tokens', (call) => call.cacheWriteTokens],
  ['cache write 5m tokens', (call) => call.cacheWrite5mTokens],
  ['cache write 1h tokens', (call) => call.cacheWrite1hTokens],
  ['reasoning tokens', (call) => call.reasoningTokens],
  ['cost', (call) => (call.costPicos === null ? null : formatDecimal(BigInt(call.costPicos), PICO_PLACES))],
  ['currency', (call) => (call.costPicos === null ? null : (call.price?.currency ?? null))],
  ['price from', (call) => call.price?.from ?? null],
  ['price entry', (call) => call.price?.entry ?? null],
];

/** The first line. */
export function csvHead(): string {
  return csvLine(COLUMNS.map(([name]) => name));
}

/** One line a call. What is unknown is an empty cell, which is not 0. */
export function csvOf(calls: readonly UsageCall[]): string {
  return calls.map((call) => csvLine(COLUMNS.map(([, read]) => read(call)))).join('');
}

/** As RFC 4180 has it, its line end included. */
function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** What a spreadsheet would take for a formula when a text begins with it, full-width forms included. */
const FORMULA_START = /^[\s\u00a0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A text that would be a formula gets an apostrophe before it (CWE-1236): names of models, profiles and keys are whatever
 * an upstream or a file says. Figures are ours and never negative.
 */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA_START.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
