import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { LOOKS } from './picture-looks.ts';

/**
 * Takes pictures of the page as somebody without its token gets it: in contexts of their own, for theme and language come from
 * the browser there.
 *
 * @param looks names of `LOOKS`.
 * @param arrive brings the page to what is to be seen.
 */
export async function atTheDoor(
  app: { page: Page; server: { url: string } | null },
  name: string,
  looks: readonly string[],
  arrive: (door: Page) => Promise<unknown>,
): Promise<void> {
  for (const look of looks.map((wanted) => LOOKS.find((each) => each.name === wanted))) {
    const browser = app.page.context().browser();
    if (look === undefined || browser === null)
      throw new Error(`There is no such look, or no browser: ${looks.join(', ')}`);
    const locale = look.language === 'zh-CN' ? 'zh-CN' : 'en-GB';
    const context = await browser.newContext({ locale, colorScheme: look.theme });
    const door = await context.newPage();
    await door.setViewportSize({ width: look.width, height: 800 });
    await door.goto(app.server?.url ?? '');
    await arrive(door);
    await expect(door.locator('body')).not.toBeEmpty();
    await door.screenshot({ path: join('test-results', 'looks', `${name}.${look.name}.png`) });
    await context.close();
  }
}
