/**
 * What is known of models by their names, because a parameter that one generation wants is an error at another. An unknown
 * name gets what most servers take. Sources: the providers' model and migration pages, 2026-11.
 */

const CLAUDE = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?![0-9])/;

/** Claude's generation, as in 4.6; null for models that are none. */
function claudeGeneration(model: string): number | null {
  const found = CLAUDE.exec(model.toLowerCase());
  if (found !== null) return Number(found[1]) + Number(found[2] ?? 0) / 10;
  return /claude-[a-z]+-preview/.test(model.toLowerCase()) ? 5 : null;
}

export interface AnthropicTraits {
  /** `thinking: adaptive` with an effort (from 4.6) instead of a budget. */
  thinksAdaptively: boolean;
  /** Sampling parameters are refused (from 4.7). */
  refusesSampling: boolean;
  /** The effort `xhigh` (from 4.7). */
  knowsXhigh: boolean;
  /** Thinking cannot be switched off. */
  alwaysThinks: boolean;
  /** It goes on with a turn that was begun for it (before 4.6). */
  continuesTurns: boolean;
  /** System messages may stand between turns (from 4.8). */
  takesSystemTurns: boolean;
  /** Tools can be strict (from Opus 4.1 and Sonnet 4.5). */
  takesStrictTools: boolean;
  /** The limit that is set where the client set none: the protocol demands one. */
  defaultMaxTokens: number;
  /** Longest answer; null where unknown. */
  maxOutputTokens: number | null;
}

/** Claude's longest answers by generation; from 5 on none is counted on. */
function longestAnswer(model: string, generation: number | null): number | null {
  if (generation === null || generation >= 5) return null;
  if (generation >= 4.6) return 128_000;
  if (generation >= 4 && generation < 4.5 && model.includes('opus')) return 32_000;
  return generation >= 3.7 ? 64_000 : generation >= 3.5 ? 8192 : 4096;
}

export function anthropicTraits(model: string): AnthropicTraits {
  const generation = claudeGeneration(model);
  return {
    thinksAdaptively: generation !== null && generation >= 4.6,
    refusesSampling: generation !== null && generation >= 4.7,
    knowsXhigh: generation !== null && generation >= 4.7,
    alwaysThinks: /claude-(fable|mythos)/.test(model.toLowerCase()),
    continuesTurns: generation === null || generation < 4.6,
    takesSystemTurns: generation !== null && generation >= 4.8,
    takesStrictTools: generation === null || generation >= 4.1,
    defaultMaxTokens: generation === null ? 8192 : generation >= 3.7 ? 32_000 : generation >= 3.5 ? 8192 : 4096,
    maxOutputTokens: longestAnswer(model.toLowerCase(), generation),
  };
}

export interface OpenAiTraits {
  /** The limit is called `max_completion_tokens`, and `max_tokens` is refused. */
  wantsCompletionTokens: boolean;
  /** Parameters of reasoning are refused. */
  cannotReason: boolean;
  /**
   * Whether temperature and top_p are taken: reasoning models refuse them, and those that can do without reasoning take them
   * while they do.
   */
  sampling: 'always' | 'unless-thinking' | 'never';
  /** The effort that comes nearest to none; null where there is none to name. */
  leastEffort: 'none' | 'minimal' | null;
  /** Efforts that it is known to refuse, each with the nearest one that it takes. */
  nearestEffort: ReadonlyMap<string, string>;
  /** Longest answer; null where unknown. */
  maxOutputTokens: number | null;
}

function samplingOf(model: string, isO: boolean, generation: number | null): OpenAiTraits['sampling'] {
  if (isO) return 'never';
  if (generation === null || generation < 5 || /-chat\b/.test(model)) return 'always';
  return generation === 5 || /-(pro|codex)\b/.test(model) ? 'never' : 'unless-thinking';
}

/** `minimal` is gpt-5's alone; more than `high` came with gpt-5.1-codex-max and gpt-5.2. */
function nearestEfforts(model: string, isO: boolean, generation: number | null): ReadonlyMap<string, string> {
  const nearest = new Map<string, string>();
  if (!isO && (generation === null || generation < 5)) return nearest;
  if (generation !== 5) nearest.set('minimal', 'low');
  if ((isO || (generation ?? 0) < 5.2) && !model.includes('codex-max')) nearest.set('xhigh', 'high').set('max', 'high');
  return nearest;
}

export function openAiTraits(name: string): OpenAiTraits {
  const model = name.toLowerCase().replace(/^.*\//, '');
  const gpt = /^gpt-(\d+)(?:\.(\d+))?/.exec(model);
  const generation = gpt === null ? null : Number(gpt[1]) + Number(gpt[2] ?? 0) / 10;
  const isO = /^o\d/.test(model);
  return {
    wantsCompletionTokens: isO || (generation !== null && generation >= 5),
    cannotReason: /^chatgpt-4o/.test(model) || (generation !== null && generation < 5),
    sampling: samplingOf(model, isO, generation),
    leastEffort: generation === null || generation < 5 ? null : generation === 5 ? 'minimal' : 'none',
    nearestEffort: nearestEfforts(model, isO, generation),
    maxOutputTokens: /^gpt-4o/.test(model)
      ? 16_384
      : /^gpt-4\.1/.test(model)
        ? 32_768
        : /^gpt-(4-turbo|3\.5)/.test(model)
          ? 4096
          : null,
  };
}
