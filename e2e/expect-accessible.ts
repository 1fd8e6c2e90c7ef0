import AxeBuilder from '@axe-core/playwright';
import type { SluiceApp } from './app.fixture.ts';
import { expect } from './app.fixture.ts';

/** Fails where the page as it stands now breaks a rule of accessibility, or scrolls sideways. */
export async function expectAccessible(app: SluiceApp): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page }).analyze();
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ''}`)).toEqual([]);
  const overflow = await app.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'The page must not scroll sideways.').toBeLessThanOrEqual(0);
}
