import { rankMatches } from './rank-matches.ts';

/** A row of a list that is filtered by typing. `own`: nothing chosen, what holds without a choice. */
export type ComboRow =
  | { kind: 'own' }
  | { kind: 'recent' | 'option'; value: string }
  | { kind: 'typed'; value: string };

interface ComboFacts {
  options: readonly string[];
  /** Values that were chosen lately, the newest first; they need not be among the options. */
  recent: readonly string[];
  /** What was typed to find one; empty shows all. */
  typed: string;
}

/** More rows than this help nobody to find one: a letter more does. */
const MOST_ROWS = 500;

/**
 * The rows for what was typed: with nothing, all of them behind those used lately; else what fits, the best first. What is not
 * among them can be taken as it was typed, since a list may not know all there is.
 */
export function comboRows({ options, recent, typed }: ComboFacts): ComboRow[] {
  const wish = typed.trim();
  const late = new Set(recent);
  const recentRows = recent.map((value) => ({ kind: 'recent' as const, value }));
  const optionRows = options.filter((value) => !late.has(value)).map((value) => ({ kind: 'option' as const, value }));
  if (wish === '') return [{ kind: 'own' }, ...recentRows, ...optionRows.slice(0, MOST_ROWS)];
  // Of names that fit equally well the shorter one is nearer to what was typed.
  const byLength = [...recentRows, ...optionRows].sort((a, b) => a.value.length - b.value.length);
  const fitting = rankMatches(byLength, (row) => row.value, wish).slice(0, MOST_ROWS);
  return fitting.some((row) => row.value === wish) ? fitting : [...fitting, { kind: 'typed', value: wish }];
}
