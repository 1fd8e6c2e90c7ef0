import { sayFailure } from '#contract/failure-saying';
import { FAILURE_WORDS } from '#contract/failure-words';
import { FAILURE_WORDS_ZH } from '#contract/failure-words-zh';
import type { Locale } from '#contract/locale';
import { factOf } from '../platform/app-failure.ts';

/** Anything thrown, for a dialog of the desktop application: in the language of the interface where the sentence has a name. */
export function sayIn(locale: Locale, thrown: unknown): string {
  const fact = factOf(thrown);
  if (typeof fact !== 'object') return String(fact);
  return sayFailure(locale === 'zh-CN' ? FAILURE_WORDS_ZH : FAILURE_WORDS, fact);
}
