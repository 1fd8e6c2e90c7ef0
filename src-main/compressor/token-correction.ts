/**
 * What an upstream's own figures have taught about a model: its tokens are `ratio` times ours. Kept by the caller, one a
 * profile and model.
 */
export interface TokenCorrection {
  readonly ratio: number;
  /** By what share corrected figures were off on average; null before a second report. */
  readonly deviation: number | null;
  /** How many reports it rests on. */
  readonly reports: number;
}

export const NO_CORRECTION: TokenCorrection = { ratio: 1, deviation: null, reports: 0 };

/** No tokenizer in use is farther off than this; a report beyond it tells of something else, such as hidden text. */
const MIN_RATIO = 0.5;
const MAX_RATIO = 2;

/** What a new report weighs once there are a few: the newest five or so decide. */
const NEWEST_SHARE = 0.2;

/** In less than this, what an upstream adds to every request outweighs the text. */
const MIN_TOKENS = 64;

/**
 * Takes in what an upstream reported for a request that was counted or estimated here. The first report counts in full,
 * later ones by an exponential average. A missing figure, a small one or one that is no number teaches nothing.
 */
export function learnCorrection(
  known: TokenCorrection,
  { ours, reported }: { ours: number; reported: number | null },
): TokenCorrection {
  if (reported === null || !Number.isFinite(reported) || !Number.isFinite(ours)) return known;
  if (ours < MIN_TOKENS || reported < MIN_TOKENS) return known;
  const reports = Math.min(known.reports, Number.MAX_SAFE_INTEGER - 1) + 1;
  const share = Math.max(NEWEST_SHARE, 1 / reports);
  const before = clampRatio(known.ratio);
  const ratio = before * (1 - share) + clampRatio(reported / ours) * share;
  return { ratio: clampRatio(ratio), deviation: learnDeviation(known, reported / (ours * before)), reports };
}

/** @param actual the report as a multiple of what was expected of it. */
function learnDeviation(known: TokenCorrection, actual: number): number | null {
  if (known.reports === 0) return null;
  const off = Math.min(MAX_RATIO, Math.abs(actual - 1));
  return known.deviation === null ? off : known.deviation * (1 - NEWEST_SHARE) + off * NEWEST_SHARE;
}

/** Our figure as the upstream would report it. */
export function correctTokens(tokens: number, correction: TokenCorrection): number {
  return Math.ceil(tokens * clampRatio(correction.ratio));
}

function clampRatio(ratio: number): number {
  if (!Number.isFinite(ratio)) return 1;
  return Math.min(MAX_RATIO, Math.max(MIN_RATIO, ratio));
}
