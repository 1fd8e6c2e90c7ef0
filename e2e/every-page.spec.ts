import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';

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
  // How a key begins, and a size.
  'sk-',
  'KB',
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
  ...['credentials', 'usage', 'prompts', 'localApi', 'settings'].map((name) => ({
    name,
    open: async (page: Page) => {
      await page.getByTestId(`nav-${name}`).click();
      await expect(page.locator('main h1')).toBeVisible();
    },
  })),
  {
    name: 'key',
    open: async (page) => {
      await page.getByTestId('nav-credentials').click();
      await page.getByTestId('key-card').locator('h3 button').click();
      await expect(page.getByTestId('drawer')).toBeVisible();
    },
  },
  {
    name: 'data',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.getByTestId('nav-settings').click();
      await page.getByTestId('open-data').click();
      await expect(page.getByTestId('back-up')).toBeVisible();
    },
  },
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

/** What opens on the pages of keys, programs and data. Tests of its use show it accessible; here its words are read. */
const OVER_PAGES: typeof PLACES = [
  {
    name: 'key-menu',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.getByTestId('nav-credentials').click();
      await page.getByTestId('health-details').click();
      await page.getByTestId('key-card').locator('input[type="checkbox"]').check();
      await expect(page.getByTestId('batch-bar')).toBeVisible();
      const more = page.getByTestId('key-card').locator('[aria-haspopup="menu"]');
      await more.focus();
      // A menu closes when the page scrolls: the event of the scroll to its button comes before the next frame.
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
      );
      await page.keyboard.press('Enter');
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'proxies',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.getByTestId('open-proxies').click();
      await expect(page.getByTestId('proxy-form-global')).toBeVisible();
    },
  },
  ...['import', 'export'].map((name, at) => ({
    name: `keys-${name}`,
    open: async (page: Page) => {
      await page.keyboard.press('Escape');
      await page.getByTestId('keys-file').click();
      await page.getByRole('menuitem').nth(at).click();
      await expect(page.getByTestId(`${name}-submit`)).toBeVisible();
    },
  })),
  {
    name: 'connect',
    open: async (page) => {
      await page.keyboard.press('Escape');
      await page.getByTestId('add-profile').click();
      await expect(page.getByTestId('connect-form')).toBeVisible();
    },
  },
  {
    name: 'program',
    open: async (page) => {
      await page.getByTestId('nav-localApi').click();
      await page.getByTestId('client-limit').click();
      await expect(page.getByTestId('cap-limit')).toBeVisible();
    },
  },
  {
    name: 'backup',
    open: async (page) => {
      await page.getByTestId('nav-settings').click();
      await page.getByTestId('open-data').click();
      await page.getByTestId('back-up').click();
      await expect(page.getByTestId('backups').getByRole('listitem')).toHaveCount(1);
    },
  },
  {
    name: 'import',
    open: async (page) => {
      await page.getByTestId('import-file').setInputFiles(test.info().outputPath('qzx.json'));
      await expect(page.getByTestId('import-preview')).toBeVisible();
    },
  },
  {
    name: 'delete-all',
    open: async (page) => {
      await page.getByTestId('delete-all').click();
      await expect(page.getByTestId('delete-words')).toBeVisible();
    },
  },
];

/** As an export of ChatGPT has it. */
const TALK = [
  {
    title: 'Qzx',
    current_node: 'a',
    mapping: {
      a: { children: [], message: { author: { role: 'user' }, content: { content_type: 'text', parts: ['qzx'] } } },
    },
  },
];

async function fill(app: SluiceApp): Promise<string> {
  const { id } = await app.request('sessions.create', { title: TITLE });
  await app.request('sessions.update', { sessionId: id, tags: ['qzx'] });
  await app.request('chat.run', { session_id: id, input: '/echo qzx' });
  await app.request('prompts.save', { name: 'qzx', body: 'qzx {{qzx}}' });
  await expect.poll(async () => (await app.request('sessions.get', { sessionId: id })).lastStatus).toBe('success');
  const profile = { name: 'Qzx', kind: 'openai-chat' as const, baseUrl: app.fake.url, defaultModel: 'qzx' };
  const { id: profileId } = await app.request('profiles.create', profile);
  await fillKey(app, profileId);
  return profileId;
}

/** On a machine without a keyring a key ends with its host. */
async function fillKey(app: SluiceApp, profileId: string): Promise<void> {
  await app.request('credentials.create', {
    profileId,
    label: 'Qzx',
    secret: 'sk-planted-0123456789abcdef',
    group: 'qzx',
  });
}

for (const width of [1280, 480]) {
  test(`[E12] every page is accessible and scrolls no way but down (both themes, ${width} px)`, async ({ app }) => {
    test.setTimeout(120_000);
    const { page } = app;
    await fill(app);
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.reload();
    for (const place of PLACES) {
      await place.open(page);
      await test.step(place.name, () => expectAccessibleInBothThemes(app));
    }
  });
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
      'kbd, time, code, pre, option[value*="-"], [data-testid="message-user"], [data-testid="message-assistant"] .answer, style, script';
    // The names that stand on keys, as within a `kbd`.
    const isKeys = (text: string) =>
      /^(?:Ctrl|Alt|Shift|Enter|Esc|Del|F2|[⌘⌥⇧⌃↑↓])(?: (?:Ctrl|Alt|Shift|Enter|[↑↓A-Z]))*$/u.test(text);
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
        if (text !== null && isPlain(text) && !(name === 'title' && isKeys(text)))
          found.push(`${element.tagName.toLowerCase()} ${name}: ${text}`);
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
  await app.request('settings.set', { values: { prefixHintsEnabled: true } });
  await app.request('localApi.createClient', {
    name: 'qzx',
    cap: { limit: '5', currency: 'USD', period: 'day' },
  });
  writeFileSync(test.info().outputPath('qzx.json'), JSON.stringify(TALK));
  for (const place of [...PLACES, ...OVER_PAGES]) {
    await place.open(page);
    expect
      .soft(await plainTexts(page, [...DATA, dataDir, `${app.fake.url}/v1/chat/completions`]), place.name)
      .toEqual([]);
  }
});

test('[E12] [BUG-A33] what a person sees when nothing can be read is taken from a locale too', async ({ app }) => {
  test.skip(app.host === 'electron', 'The test opens the window anew, which in Electron is the host itself.');
  await app.request('sessions.create', { title: TITLE });
  await app.request('data.backUp', {});
  await app.page.evaluate(() => localStorage.setItem('sluice.language', 'en-XA'));
  await app.kill();
  truncateSync(join(app.dataDir, 'sluice.db'), 30_000);
  await app.start();
  const { page } = app;
  await expect(page.getByTestId('rescue').getByRole('listitem')).toHaveCount(1);
  // What was wrong with the file is said by the core.
  const said = await page.getByRole('alert').allTextContents();
  const files = ['about.json', 'store.json', 'log.jsonl'];
  expect(await plainTexts(page, [...DATA, ...said, ...files, app.dataDir])).toEqual([]);
});

test('[E12] the language is chosen in the settings, is there at once, and comes first after a restart', async ({
  app,
}) => {
  const profileId = await fill(app);
  const { page } = app;
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('language').selectOption('简体中文');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('设置');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await app.restart();
  await expect(app.page.getByRole('button', { name: '新对话' })).toBeVisible();
  const { credentials } = await app.request('credentials.list', {});
  if (credentials.length === 0) await fillKey(app, profileId);
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
  await expect.poll(async () => (await app.request('settings.get', {})).textSize).toBe(150);
  await app.restart();
  await expect
    .poll(() => app.page.locator('html').evaluate((element) => getComputedStyle(element).fontSize))
    .toBe('24px');
  await app.page.keyboard.press('ControlOrMeta+0');
  await expect
    .poll(() => app.page.locator('html').evaluate((element) => getComputedStyle(element).fontSize))
    .toBe('16px');
});
