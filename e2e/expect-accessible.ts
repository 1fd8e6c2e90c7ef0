import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import axe from 'axe-core';
import type { SluiceApp } from './app.fixture.ts';
import { expect } from './app.fixture.ts';

/** The rules whose answer another theme can change. What a page says to a screen reader is the same in both. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** What WCAG 2.2 asks for (AA) and the tool looks for only when it is told to. */
const MORE_RULES = { 'target-size': { enabled: true } };

type Violations = readonly { id: string; nodes: readonly { html: string }[] }[];
type AxeOptions = NonNullable<Parameters<typeof axe.run>[1]>;

export interface AccessibleOptions {
  /** Only what depends on the theme, where the same place was looked at in the other one. */
  only?: 'colours';
}

/**
 * The tool stays in a page that has one frame, and only what is wrong comes back: its builder reads half a megabyte of
 * script anew for every look and opens a page of its own to put the frames together.
 */
async function violationsOf(page: Page, { only }: AccessibleOptions): Promise<Violations> {
  // Code of a page that comes late, and colours on their way, are not the page.
  await expect(page.locator('h1')).not.toHaveCount(0);
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const passing = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map((each) => each.finished));
  });
  // Another theme is another drawing.
  await expect(page.locator('[data-drawn="false"]')).toHaveCount(0);
  if (page.frames().length > 1) {
    const builder = new AxeBuilder({ page });
    if (only === 'colours') builder.withRules(RULES_OF_COLOUR);
    else builder.options({ rules: MORE_RULES });
    return (await builder.analyze()).violations;
  }
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const options: AxeOptions = {
    resultTypes: ['violations'],
    ...(only === 'colours' ? { runOnly: { type: 'rule', values: RULES_OF_COLOUR } } : { rules: MORE_RULES }),
  };
  return page.evaluate(async (given) => {
    const { axe: tool } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await tool.run(document, given);
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 1).map(({ html }) => ({ html })) }));
  }, options);
}

/** Fails where the page as it stands now breaks a rule of accessibility, or scrolls sideways. */
export async function expectAccessible(app: SluiceApp, options: AccessibleOptions = {}): Promise<void> {
  const violations = await violationsOf(app.page, options);
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''}`)).toEqual([]);
  const overflow = await app.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'The page must not scroll sideways.').toBeLessThanOrEqual(0);
}

/**
 * `expectAccessible` in the light and in the dark theme, for a page that follows the system, and a picture of each where
 * pictures are wanted. The page is left light, and without motion: a colour on its way is in neither theme.
 *
 * @param picture the name of the pictures, in which `THEME` stands for the theme
 */
export async function expectAccessibleInBothThemes(app: SluiceApp, picture?: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await app.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    if (picture !== undefined) await app.screenshot(picture.replace('THEME', theme));
    await expectAccessible(app, theme === 'dark' ? { only: 'colours' } : {});
  }
}
