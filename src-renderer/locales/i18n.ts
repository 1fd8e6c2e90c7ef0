import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json';

/** Starts the words of the interface. Another language is another file here and one line in `resources`. */
export function startWords(language = 'en'): void {
  void i18next.use(initReactI18next).init({
    // The words are in the bundle, so nothing has to be waited for: they are there when this returns.
    initAsync: false,
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    // React escapes what it draws.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
}
