import { useEffect } from 'react';
import type { Settings } from '#contract/settings';
import { speak } from '../../locales/i18n.ts';
import { measureByText } from '../../ui/window-width.ts';

/** Puts theme, text size and motion on the document. `system` leaves it to the system. */
export function useAppearance(settings: Pick<Settings, 'theme' | 'textSize' | 'reduceMotion'>): void {
  const { theme, textSize, reduceMotion } = settings;
  useEffect(() => {
    const { dataset, style } = document.documentElement;
    if (theme === 'system') delete dataset['theme'];
    else dataset['theme'] = theme;
    if (reduceMotion) dataset['motion'] = 'reduce';
    else delete dataset['motion'];
    style.fontSize = textSize === 100 ? '' : `${textSize}%`;
    measureByText(textSize);
  }, [theme, textSize, reduceMotion]);
}

/**
 * Speaks the language of the settings, once they are there.
 *
 * @param known false while the settings are what they come with and not what was chosen.
 */
export function useLanguage(language: Settings['language'], known: boolean): void {
  useEffect(() => {
    // Words that cannot be fetched leave the page in the language that it speaks.
    if (known) void speak(language).catch(() => undefined);
  }, [language, known]);
}
