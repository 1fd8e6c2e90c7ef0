import type { ProfileKind } from '#contract/records';

/** How the known list tells a name: all conditions but `regex` ignore case. */
export type NameRule =
  | { or: NameRule[] }
  | { and: NameRule[] }
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { regex: string };

export interface WindowModel {
  id: string;
  name?: string;
  match: NameRule;
  context_window?: number;
}

/** The part of a provider of the known list that tells windows. */
export interface WindowProvider {
  id: string;
  /** The beginning of its addresses, as a regular expression. */
  api_pattern: string;
  /** Other names of the provider. */
  provider_match?: NameRule;
  /** The models that it makes, wherever they are called. */
  model_match?: NameRule;
  models: readonly WindowModel[];
}

/** Names that the list does not tell by itself. */
const ALIASES: Readonly<Record<string, string>> = {
  gemini: 'google',
  vertex: 'google',
  moonshot: 'moonshotai',
  kimi: 'moonshotai',
  xai: 'x-ai',
  bedrock: 'aws',
};

/**
 * A model's window by the known list: as its address's provider has it, then as the provider that its name begins with
 * (`google/gemini-…`), then by its name alone where everybody who lists it agrees, then as its maker has it. A name
 * that stands for several windows and has no maker in the list is not guessed: null.
 */
export function knownWindow(
  providers: readonly WindowProvider[],
  { kind, baseUrl, model }: { kind: ProfileKind; baseUrl: string; model: string },
): number | null {
  const name = model.trim();
  if (name === '') return null;
  const atAddress = providers.find((provider) => isAt(provider, baseUrl)) ?? providerOfKind(providers, kind);
  if (atAddress !== undefined) {
    const tokens = windowAt(atAddress, name);
    if (tokens !== null) return tokens;
  }
  const slash = name.indexOf('/');
  const named = slash > 0 ? providerNamed(providers, name.slice(0, slash)) : undefined;
  if (named !== undefined) {
    const tokens = windowAt(named, name.slice(slash + 1));
    if (tokens !== null) return tokens;
  }
  const bareName = lastPart(name);
  const agreed = agreedWindow(providers, name) ?? agreedWindow(providers, bareName);
  if (agreed !== null) return agreed;
  const maker = providers.find(({ model_match: rule }) => rule !== undefined && holds(rule, bareName));
  return maker === undefined ? null : windowAt(maker, bareName);
}

function isAt(provider: WindowProvider, baseUrl: string): boolean {
  return baseUrl !== '' && matches(`^(?:${provider.api_pattern})`, baseUrl);
}

/** Whoever speaks Anthropic's protocol serves, as a rule, Anthropic's models. */
function providerOfKind(providers: readonly WindowProvider[], kind: ProfileKind): WindowProvider | undefined {
  return kind === 'anthropic' ? providers.find((provider) => provider.id === 'anthropic') : undefined;
}

function providerNamed(providers: readonly WindowProvider[], name: string): WindowProvider | undefined {
  const wanted = name.trim().toLowerCase();
  const id = ALIASES[wanted] ?? wanted;
  return (
    providers.find((provider) => provider.id === id) ??
    providers.find(({ provider_match: rule }) => rule !== undefined && holds(rule, wanted))
  );
}

/** What everybody who lists a model of this name says, null where they differ or nobody does. */
function agreedWindow(providers: readonly WindowProvider[], name: string): number | null {
  const windows = new Set(
    providers.flatMap(({ models }) => models.filter((model) => isCalled(model, name)).map(windowOf)),
  );
  windows.delete(null);
  const [only] = windows;
  return only !== undefined && windows.size === 1 ? only : null;
}

/**
 * By id or name, by the last part of either's path, and only then by the provider's own rules, which know dated names. A
 * model that is listed without its window has none, whatever a looser rule would say.
 */
function windowAt(provider: WindowProvider, name: string): number | null {
  const { models } = provider;
  const wanted = name.toLowerCase();
  const found =
    models.find((model) => model.id.toLowerCase() === wanted || model.name?.toLowerCase() === wanted) ??
    models.find((model) => isCalled(model, name)) ??
    models.find((model) => holds(model.match, name)) ??
    models.find((model) => holds(model.match, lastPart(name)));
  return found === undefined ? null : windowOf(found);
}

/** The same name, or the same but for the path before it. */
function isCalled(model: WindowModel, name: string): boolean {
  const wanted = name.toLowerCase();
  const id = model.id.toLowerCase();
  return (
    id === wanted || model.name?.toLowerCase() === wanted || id.endsWith(`/${wanted}`) || wanted.endsWith(`/${id}`)
  );
}

function windowOf({ context_window: tokens }: WindowModel): number | null {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : null;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function holds(rule: NameRule, text: string): boolean {
  const name = text.toLowerCase();
  if ('or' in rule) return rule.or.some((one) => holds(one, text));
  if ('and' in rule) return rule.and.every((one) => holds(one, text));
  if ('equals' in rule) return name === rule.equals.toLowerCase();
  if ('starts_with' in rule) return name.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return name.includes(rule.contains.toLowerCase());
  return matches(rule.regex, text);
}

/** A pattern that a newer list writes in a way that this Node does not read matches nothing. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}
