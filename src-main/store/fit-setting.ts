import { QUICK_KEYS, QUIT_CHOICES } from '#contract/desktop';
import { LOG_DETAILS } from '#contract/diagnostics';
import { LOCALES } from '#contract/locale';
import { DEFAULT_SETTINGS, type Settings, TEXT_SIZES } from '#contract/settings';
import { UPDATE_CHANNELS, UPDATE_CHECKS } from '#contract/updates';

/** Settings that are one of a few values. */
const CHOICES: { readonly [Key in keyof Settings]?: readonly Settings[Key][] } = {
  theme: ['system', 'light', 'dark'],
  language: ['system', ...LOCALES],
  textSize: TEXT_SIZES,
  credentialMode: ['priority', 'balanced'],
  logDetail: LOG_DETAILS,
  quickKeys: [null, ...QUICK_KEYS],
  spellCheck: ['auto', 'on', 'off'],
  quitWhileBusy: QUIT_CHOICES,
  updateChecks: UPDATE_CHECKS,
  updateChannel: UPDATE_CHANNELS,
};

const isTexts = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => one === null || typeof one === 'string');

/**
 * Whether a stored value is one that this version can go by: of the setting's kind, and one of its choices where it has some.
 * Another version may have written it. Without the schemas, which a start does not load; bounds of numbers are theirs.
 */
export function fitsSetting(key: keyof Settings, value: unknown): boolean {
  const choices: readonly unknown[] | undefined = CHOICES[key];
  if (choices !== undefined) return choices.includes(value);
  const known = DEFAULT_SETTINGS[key];
  return typeof known === 'object' ? isTexts(value) : typeof value === typeof known;
}
