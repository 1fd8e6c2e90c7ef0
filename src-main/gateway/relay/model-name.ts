/** What a program's model name means. */
export interface ModelChoice {
  profile: string;
  /** Null for the profile's own choice. */
  model: string | null;
  /** The name asked for thinking. */
  thinking: boolean;
}

const THINKING_SUFFIX = '-thinking';

/**
 * Reads the name of a model as programs write it: an alias, `<profile>/<model>`, or `<model>` of the endpoint's own profile
 * (decision 18). A slash only splits where an existing profile stands before it, so that names such as
 * `meta-llama/llama-3` stay whole. A `-thinking` at the end switches thinking on, unless a model or an alias is called so.
 *
 * @param known.aliases by their exact names; what an alias stands for is asked for as it is written, and is no alias again.
 * @param known.isModel whether the upstream of a profile has a model of exactly that name, as far as that is known.
 */
export function chooseModel(
  asked: string | null,
  known: {
    defaultProfile: string;
    isProfile: (name: string) => boolean;
    aliases: Readonly<Record<string, string>>;
    isModel?: (profile: string, model: string) => boolean;
  },
): ModelChoice {
  const name = asked?.trim() ?? '';
  const direct = aliasOf(known.aliases, name);
  if (direct !== null) return { ...split(direct, known), thinking: false };
  const whole = split(name, known);
  const isThinking =
    name.endsWith(THINKING_SUFFIX) &&
    name.length > THINKING_SUFFIX.length &&
    !(whole.model !== null && known.isModel?.(whole.profile, whole.model) === true);
  if (!isThinking) return { ...whole, thinking: false };
  const bare = name.slice(0, -THINKING_SUFFIX.length);
  return { ...split(aliasOf(known.aliases, bare) ?? bare, known), thinking: true };
}

/**
 * The profile whose models have to be known before a name can be read: whether its `-thinking` is a wish or belongs to the name
 * of a model. Null for all other names, which is nearly every one.
 */
export function hangsOn(
  asked: string | null,
  known: Pick<Parameters<typeof chooseModel>[1], 'defaultProfile' | 'isProfile' | 'aliases'>,
): string | null {
  const name = asked?.trim() ?? '';
  if (!name.endsWith(THINKING_SUFFIX) || aliasOf(known.aliases, name) !== null) return null;
  // An own name with the suffix is nobody's model.
  if (aliasOf(known.aliases, name.slice(0, -THINKING_SUFFIX.length)) !== null) return null;
  return split(name, known).profile;
}

function aliasOf(aliases: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(aliases, name) ? (aliases[name] ?? null) : null;
}

function split(
  name: string,
  known: { defaultProfile: string; isProfile: (name: string) => boolean },
): { profile: string; model: string | null } {
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? '' : name.slice(0, slash);
  if (prefix !== '' && known.isProfile(prefix)) {
    return { profile: prefix, model: name.slice(slash + 1) === '' ? null : name.slice(slash + 1) };
  }
  return { profile: known.defaultProfile, model: name === '' ? null : name };
}
