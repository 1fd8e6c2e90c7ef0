import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { LanguageChoice } from '#contract/locale';

/** How a page can look: what a person may have chosen, and how wide the window is. */
export interface Look {
  name: string;
  theme: 'light' | 'dark';
  language: LanguageChoice;
  width: number;
}

export const LOOKS: readonly Look[] = [
  ...[1280, 600].flatMap((width): Look[] => [
    { name: `light-${width}`, theme: 'light', language: 'en', width },
    { name: `dark-${width}`, theme: 'dark', language: 'en', width },
    { name: `zh-${width}`, theme: 'light', language: 'zh-CN', width },
  ]),
  { name: 'light-480', theme: 'light', language: 'en', width: 480 },
];

/** What a window that changes its size closes, as a menu, and how it is opened again. */
export interface Reopening {
  shown: Locator;
  open: () => Promise<unknown>;
}

/** A picture that a test names after one look is one of those that every look gives. */
export const namesALook = (name: string) => /dark|600|480|-zh/.test(name);

/**
 * Saves the page in every look as `<name>.<look>.png`, and leaves it as it was found.
 *
 * @param choose stores theme and language; the page takes them over by itself. It may fail where nothing can be stored.
 * @param reopening without it a menu is taken at its own width only.
 */
export async function takeEveryLook(
  page: Page,
  folder: string,
  name: string,
  choose: (look: Pick<Look, 'theme' | 'language'>) => Promise<unknown>,
  reopening?: Reopening,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  // A menu closes when the window changes its size.
  const hasMenu = reopening === undefined && (await page.getByRole('menu').count()) > 0;
  for (const look of LOOKS.filter(({ width }) => !hasMenu || width === before?.width)) {
    await page.setViewportSize({ width: look.width, height: before?.height ?? 800 });
    await page.emulateMedia({ colorScheme: look.theme });
    await choose(look);
    // News of the settings come over the socket; a page that cannot have them stays as it is.
    await page
      .waitForFunction(
        ([theme, language]) =>
          document.documentElement.dataset['theme'] === theme && document.documentElement.lang === language,
        [look.theme, look.language],
        { timeout: 1500 },
      )
      .catch(() => undefined);
    if (reopening !== undefined && !(await reopening.shown.isVisible())) await reopening.open();
    await page.screenshot({ path: join(folder, `${name}.${look.name}.png`), animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: null });
  await choose({ theme: 'light', language: 'en' });
  if (before !== null) await page.setViewportSize(before);
}
