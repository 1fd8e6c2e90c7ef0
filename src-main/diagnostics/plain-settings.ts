import type { Settings } from '#contract/settings';

/** Texts that are one of a list. Every other text may be a person's own words, a name or an address. */
const LISTED: ReadonlySet<string> = new Set([
  'theme',
  'language',
  'credentialMode',
  'quickKeys',
  'spellCheck',
  'quitWhileBusy',
  'logDetail',
] satisfies (keyof Settings)[]);

/**
 * Settings as far as they help to find a fault: numbers, switches and choices as they are; of texts and lists only how much
 * there is. A setting that is new here is held back until it is known to be harmless.
 */
export function plainSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]: [string, unknown]): [string, unknown] => {
      if (typeof value === 'number' || typeof value === 'boolean' || value === null || LISTED.has(name))
        return [name, value];
      if (typeof value === 'string') return [name, value === '' ? 'empty' : `left out (${value.length} characters)`];
      if (typeof value === 'object') return [name, `left out (${Object.keys(value).length} entries)`];
      return [name, 'left out'];
    }),
  );
}
