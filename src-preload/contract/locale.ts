/** The languages that Sluice speaks. */
export const LOCALES = ['en', 'zh-CN'] as const;
export type Locale = (typeof LOCALES)[number];

/** What a person chose: a language, or the system's. */
export type LanguageChoice = 'system' | Locale;

/**
 * The language to speak: the chosen one, else the first of the system's that Sluice knows. Any Chinese is read best in the
 * Chinese that there is; everything else in English.
 *
 * @param preferred BCP 47 tags, the wanted one first.
 */
export function chooseLocale(choice: LanguageChoice, preferred: readonly string[]): Locale {
  if (choice !== 'system') return choice;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split(/[-_]/)[0];
    if (language === 'zh') return 'zh-CN';
    if (language === 'en') return 'en';
  }
  return 'en';
}
