import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { FailureWords } from '#contract/failure-saying';
import { chooseLocale, type LanguageChoice, type Locale } from '#contract/locale';
import { SHELL_WORDS } from '#contract/shell-words';
import en from './en.json';
import { speakFailures } from './failure-language.ts';

/** Where the page keeps the language that it spoke last, so that the first drawing speaks it before the settings are there. */
const KEPT = 'sluice.language';

/** English with every letter changed and every sentence in brackets: what stays plain was not taken from a locale. */
const PSEUDO = 'en-XA';

type Words = Record<string, unknown>;

/** What the page says in the same words as the desktop shell. */
function shared(locale: Locale): Words {
  const { command, news } = SHELL_WORDS[locale];
  return { command, news };
}

const ENGLISH: Words = { ...en, ...shared('en') };

/** Sentences of failures come from the core, in English; another language has its own. */
async function loadFailures(locale: string): Promise<FailureWords | null> {
  return locale === 'zh-CN' ? (await import('#contract/failure-words-zh')).FAILURE_WORDS_ZH : null;
}

/** The words of a language. English is in the bundle; every other one is fetched when it is spoken. */
async function load(locale: Locale | typeof PSEUDO): Promise<Words> {
  switch (locale) {
    case 'en':
      return ENGLISH;
    case 'zh-CN':
      return { ...(await import('./zh-CN.json')).default, ...shared('zh-CN') };
    case PSEUDO: {
      const { pseudo } = await import('./pseudo.ts');
      return pseudo(ENGLISH);
    }
  }
}

function kept(): string | null {
  try {
    return window.localStorage.getItem(KEPT);
  } catch {
    // A browser that keeps nothing: the system's language until the settings are there.
    return null;
  }
}

function keep(choice: LanguageChoice): void {
  try {
    window.localStorage.setItem(KEPT, choice);
  } catch {
    // Then the first drawing of the next time speaks the system's language.
  }
}

/**
 * Starts the words of the interface, in the language that was spoken last or the system's.
 *
 * @returns when they are there; at once for English.
 */
export async function startWords(): Promise<void> {
  const last = kept();
  const locale = last === PSEUDO ? PSEUDO : localeOf(last === 'en' || last === 'zh-CN' ? last : 'system');
  const failures = loadFailures(locale).catch(() => null);
  const words = locale === 'en' ? null : await load(locale).catch(() => null);
  const language = words === null ? 'en' : locale;
  // English waits for nothing: its page is drawn in the same turn.
  if (language !== 'en') speakFailures(await failures);
  void i18next.use(initReactI18next).init({
    // The words are at hand, so nothing has to be waited for: they are there when this returns.
    initAsync: false,
    lng: language,
    fallbackLng: 'en',
    resources: {
      en: { translation: ENGLISH },
      ...(words === null ? {} : { [language]: { translation: words } }),
    },
    // React escapes what it draws.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
}

function localeOf(choice: LanguageChoice): Locale {
  return chooseLocale(choice, navigator.languages);
}

/** Speaks another language from now on. The pseudo-locale stays: whoever asked for it checks the page. */
export async function speak(choice: LanguageChoice): Promise<void> {
  if (i18next.language === PSEUDO) return;
  keep(choice);
  const locale = localeOf(choice);
  if (locale !== i18next.language) {
    if (!i18next.hasResourceBundle(locale, 'translation')) {
      i18next.addResourceBundle(locale, 'translation', await load(locale));
    }
    // Without them the core's own sentences are shown, which is better than no change of language.
    speakFailures(await loadFailures(locale).catch(() => null));
    await i18next.changeLanguage(locale);
  }
  document.documentElement.lang = locale;
}
