import type { Page } from '@playwright/test';
import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

const TITLE = 'Qzx 1';
/** Words that are data and not the interface: what the test wrote, names of things, keys of a keyboard, paths, versions. */
const DATA = [
  TITLE,
  'Sluice',
  'Markdown',
  'demo',
  'Hermes',
  'Anthropic',
  'OpenAI',
  'English',
  'JSON',
  'qzx',
  'Qzx',
  '/echo',
  'Ctrl',
  'Shift',
  'Alt',
  // A language that nobody speaks has the English calendar.
  ...Array.from({ length: 12 }, (_, month) => new Date(2026, month).toLocaleDateString('en', { month: 'long' })),
];

/** Each page and what can lie over it, by what opens it. */
const PLACES: { name: string; open: (page: Page) => Promise<void> }[] = [
  { name: 'new', open: async () => undefined },
  {
    name: 'conversation',
    open: async (page) => {
      if (await page.locator('[data-row]').count()) await page.locator('[data-row]').first().click();
      else {
        await page.locator('aside button').first().click();
        await page.locator('[data-row]').first().click();
      }
      await expect(page.getByTestId('message-assistant')).toBeVisible();
    },
  },
  {
    name: 'conversation-panel',
    open: async (page) => {
      await page.getByTestId('conversation-settings').click();
      await expect(page.getByTestId('drawer')).toBeVisible();
    },
  },
  {
    name: 'search',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+Shift+F');
      await page.getByTestId('search-input').fill('qzx');
      await expect(page.getByTestId('search-hit')).toBeVisible();
    },
  },
  ...['credentials', 'usage', 'prompts', 'settings'].map((name) => ({
    name,
    open: async (page: Page) => {
      await page.getByTestId(`nav-${name}`).click();
      await expect(page.locator('main h1')).toBeVisible();
    },
  })),
  {
    name: 'prompt-form',
    open: async (page) => {
      await page.getByTestId('nav-prompts').click();
      await page.getByTestId('new-prompt').click();
    },
  },
  {
    name: 'palette',
    open: async (page) => {
      await page.keyboard.press('ControlOrMeta+k');
      await expect(page.getByTestId('palette')).toBeVisible();
    },
  },
  {
    name: 'shortcuts',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+/');
      await expect(page.getByTestId('shortcuts')).toBeVisible();
    },
  },
];

async function fill(app: SluiceApp): Promise<void> {
  const { id } = await app.request('sessions.create', { title: TITLE });
  await app.request('sessions.update', { sessionId: id, tags: ['qzx'] });
  await app.request('chat.run', { session_id: id, input: '/echo qzx' });
  await app.request('prompts.save', { name: 'qzx', body: 'qzx {{qzx}}' });
  await expect.poll(async () => (await app.request('sessions.get', { sessionId: id })).lastStatus).toBe('success');
}

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1280, 480]) {
    test(`[E12] every page is accessible and scrolls no way but down (${theme}, ${width} px)`, async ({ app }) => {
      test.setTimeout(120_000);
      const { page } = app;
      await fill(app);
      await app.request('settings.set', { values: { theme } });
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.reload();
      for (const place of PLACES) {
        await place.open(page);
        await test.step(place.name, () => expectAccessible(app));
      }
    });
  }
}

/** Texts and names on the page that were taken from no locale, with where they stand. */
function plainTexts(page: Page, data: readonly string[]): Promise<string[]> {
  return page.evaluate((known) => {
    const found: string[] = [];
    const isPlain = (text: string) => {
      let rest = text.replace(/⟦[^⟦⟧]*⟧/gu, ' ');
      // A value within a text may itself be a text; what is left of nested brackets is one.
      while (/⟦[^⟦⟧]*⟧/u.test(rest)) rest = rest.replace(/⟦[^⟦⟧]*⟧/gu, ' ');
      for (const word of known) rest = rest.replaceAll(word, ' ');
      return /[A-Za-z]{2,}/.test(rest);
    };
    const skip =
      'kbd, time, code, option[value*="-"], [data-testid="message-user"], [data-testid="message-assistant"] .answer, style, script';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent ?? '';
      if (element === null || element.closest(skip) !== null || !isPlain(text)) continue;
      found.push(`${element.tagName.toLowerCase()}: ${text.trim()}`);
    }
    for (const element of document.body.querySelectorAll('*')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
        const text = element.getAttribute(name);
        if (text !== null && isPlain(text)) found.push(`${element.tagName.toLowerCase()} ${name}: ${text}`);
      }
    }
    return [...new Set(found)];
  }, data);
}

test('[E12] no page holds a word that was not taken from a locale', async ({ app }) => {
  test.setTimeout(120_000);
  const { page } = app;
  await fill(app);
  await page.evaluate(() => localStorage.setItem('sluice.language', 'en-XA'));
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
  const { dataDir } = await app.request('app.info', {});
  for (const place of PLACES) {
    await place.open(page);
    expect.soft(await plainTexts(page, [...DATA, dataDir]), place.name).toEqual([]);
  }
});

test('[E12] the language is chosen in the settings, is there at once, and comes first after a restart', async ({
  app,
}) => {
  await fill(app);
  const { page } = app;
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('language').selectOption('简体中文');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('设置');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await app.restart();
  await expect(app.page.getByRole('button', { name: '新对话' })).toBeVisible();
  for (const place of PLACES) {
    await place.open(app.page);
    await test.step(place.name, () => expectAccessible(app));
  }
});

test('[E12] the text grows with everything around it, by keys and in the settings, and stays so', async ({ app }) => {
  const { page } = app;
  await page.getByTestId('nav-settings').click();
  const height = () => page.getByTestId('nav-usage').evaluate((element) => element.getBoundingClientRect().height);
  const before = await height();
  for (let press = 0; press < 4; press++) await page.keyboard.press('ControlOrMeta+=');
  await expect(page.getByTestId('text-size')).toContainText('150');
  expect(await height()).toBeCloseTo(before * 1.5, 0);
  await expectAccessible(app);
  await app.restart();
  await expect
    .poll(() => app.page.locator('html').evaluate((element) => getComputedStyle(element).fontSize))
    .toBe('24px');
  await app.page.keyboard.press('ControlOrMeta+0');
  await expect
    .poll(() => app.page.locator('html').evaluate((element) => getComputedStyle(element).fontSize))
    .toBe('16px');
});
