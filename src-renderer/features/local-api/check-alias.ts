/** Longest names that the contract's schema takes. */
const MAX_ALIAS_CHARS = 200;
const MAX_TARGET_CHARS = 400;

export type AliasProblem =
  | { field: 'name'; reason: 'empty' | 'tooLong' | 'taken' | 'isProfile' }
  | { field: 'target'; reason: 'empty' | 'tooLong' | 'isAlias' | 'isItself' };

/**
 * What stands against a name of a person's own for a model; null where nothing does. What an alias stands for is read once
 * more, but as no alias again, so one that names another would never be reached.
 *
 * @param known.before the alias that is being changed, or null for a new one.
 */
export function checkAlias(
  alias: { name: string; target: string },
  known: { aliases: Readonly<Record<string, string>>; profiles: readonly string[]; before: string | null },
): AliasProblem | null {
  const name = alias.name.trim();
  const target = alias.target.trim();
  if (name === '') return { field: 'name', reason: 'empty' };
  if (name.length > MAX_ALIAS_CHARS) return { field: 'name', reason: 'tooLong' };
  if (name !== known.before && Object.hasOwn(known.aliases, name)) return { field: 'name', reason: 'taken' };
  const profile = name.slice(0, Math.max(0, name.indexOf('/')));
  if (profile !== '' && known.profiles.includes(profile)) return { field: 'name', reason: 'isProfile' };
  if (target === '') return { field: 'target', reason: 'empty' };
  if (target.length > MAX_TARGET_CHARS) return { field: 'target', reason: 'tooLong' };
  if (target === name) return { field: 'target', reason: 'isItself' };
  if (target !== known.before && Object.hasOwn(known.aliases, target)) return { field: 'target', reason: 'isAlias' };
  return null;
}

/** Who a target asks: the profile before its slash where there is one, else whoever an endpoint has for bare names. */
export function readTarget(target: string, profiles: readonly string[]): { profile: string | null; model: string } {
  const slash = target.indexOf('/');
  const prefix = slash < 0 ? '' : target.slice(0, slash);
  if (prefix !== '' && profiles.includes(prefix)) return { profile: prefix, model: target.slice(slash + 1) };
  return { profile: null, model: target };
}

/** The aliases after one was added or changed; the others keep their order. */
export function withAlias(
  aliases: Readonly<Record<string, string>>,
  alias: { name: string; target: string },
  before: string | null,
): Record<string, string> {
  const name = alias.name.trim();
  const target = alias.target.trim();
  if (before === null) return { ...aliases, [name]: target };
  return Object.fromEntries(
    Object.entries(aliases).map(([key, value]) => (key === before ? [name, target] : [key, value])),
  );
}

/** The aliases without one. */
export function withoutAlias(aliases: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(aliases).filter(([key]) => key !== name));
}
