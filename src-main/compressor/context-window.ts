import type { ProfileRecord } from '#contract/records';
import { knownWindow, type WindowProvider } from './context-window-known.ts';
import { loadWindowProviders } from './context-window-list.ts';

/** A person's own entry: how much a model takes at a profile. */
export interface OwnContextWindow {
  profileId: string;
  model: string;
  tokens: number;
}

export interface ContextWindow {
  tokens: number;
  /** Whose word it is: a person's entry for the model, the profile's setting, the known list, or nobody's. */
  source: 'own' | 'profile' | 'known' | 'default';
}

export interface ContextWindowQuestion {
  profile: Pick<ProfileRecord, 'id' | 'kind' | 'baseUrl' | 'contextLength'>;
  /** The model that the run calls, which need not be the profile's default (BUG-A24). */
  model: string | null;
  ownEntries: readonly OwnContextWindow[];
}

/** What most current models take at least. Whoever has one that takes less enters its figure. */
const DEFAULT_CONTEXT_TOKENS = 200_000;

/**
 * How many tokens the model of a run takes. The known list is loaded only when nobody has set a figure; when it cannot be
 * loaded the default holds, because an answer is worth more than its meter.
 */
export async function contextWindowOf(
  question: ContextWindowQuestion,
  loadProviders: () => Promise<readonly WindowProvider[]> = loadWindowProviders,
): Promise<ContextWindow> {
  const set = setWindow(question);
  if (set !== null) return set;
  const { profile, model } = question;
  if (model === null || model.trim() === '' || profile.kind === 'demo') return defaultWindow();
  let providers: readonly WindowProvider[];
  try {
    providers = await loadProviders();
  } catch {
    return defaultWindow();
  }
  const tokens = knownWindow(providers, { kind: profile.kind, baseUrl: profile.baseUrl, model });
  return tokens === null ? defaultWindow() : { tokens, source: 'known' };
}

function setWindow({ profile, model, ownEntries }: ContextWindowQuestion): ContextWindow | null {
  if (model !== null) {
    const ofProfile = ownEntries.filter((entry) => entry.profileId === profile.id && isUsable(entry.tokens));
    const own =
      ofProfile.find((entry) => entry.model === model) ??
      ofProfile.find((entry) => entry.model.trim().toLowerCase() === model.trim().toLowerCase());
    if (own !== undefined) return { tokens: own.tokens, source: 'own' };
  }
  if (isUsable(profile.contextLength)) return { tokens: profile.contextLength, source: 'profile' };
  return null;
}

function defaultWindow(): ContextWindow {
  return { tokens: DEFAULT_CONTEXT_TOKENS, source: 'default' };
}

function isUsable(tokens: number | null): tokens is number {
  return tokens !== null && Number.isSafeInteger(tokens) && tokens > 0;
}
