import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';
import { finish, text } from './fake-upstream/script.ts';

async function openSettings({ page }: SluiceApp): Promise<void> {
  await page.getByTestId('nav-settings').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
}

test('[E3-07] every failure pauses the queue once it is switched on, also after a restart', async ({ app }) => {
  await openSettings(app);
  const control = () => app.page.getByRole('switch', { name: 'Every failure pauses the queue' });
  await expect(control()).toHaveAttribute('aria-checked', 'false');
  await control().click();
  await expect(control()).toHaveAttribute('aria-checked', 'true');
  await expect.poll(async () => (await app.request('settings.get', {})).pauseQueueOnFailure).toBe(true);
  await app.restart();
  await openSettings(app);
  await expect(control()).toHaveAttribute('aria-checked', 'true');
});

test('[E3-01] a limit out of range is refused beside its field and stays there; one within is kept', async ({
  app,
}) => {
  await openSettings(app);
  const { page } = app;
  const field = page.getByTestId('setting-maxQueuePerSession');
  await field.fill('0');
  await page.keyboard.press('Enter');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Write a number from 1 to 1000.')).toBeVisible();
  await expect(field).toHaveValue('0');
  await field.fill('7');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await app.request('settings.get', {})).maxQueuePerSession).toBe(7);
  await expect(field).not.toHaveAttribute('aria-invalid');
  await page.getByTestId('setting-maxConcurrentRuns').fill('3');
  await page.getByTestId('setting-maxConcurrentRuns').blur();
  await expect.poll(async () => (await app.request('settings.get', {})).maxConcurrentRuns).toBe(3);
});

test('[E6-10] a base prompt is stored while it is written, reaches the model and can be reset', async ({ app }) => {
  const { page } = app;
  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  await app.request('credentials.create', { profileId: profile.id, label: 'Test key', secret: 'sk-e2e-0123456789abc' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  app.fake.setDefault([text('Yes.'), finish()]);
  await page.reload();
  await openSettings(app);
  await page.getByTestId('base-prompt').fill('Speak like a lock keeper.');
  // Nobody leaves the field: a pause is enough.
  await expect.poll(async () => (await app.request('settings.get', {})).systemPrompt).toBe('Speak like a lock keeper.');
  await page.getByTestId('new-chat').click();
  await page.getByTestId('composer-input').fill('Hello');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant')).toContainText('Yes.');
  expect(JSON.stringify(app.fake.recorder.requests.at(-1)?.body)).toContain('Speak like a lock keeper.');
  await openSettings(app);
  await page.getByTestId('reset-prompt').click();
  await expect.poll(async () => (await app.request('settings.get', {})).systemPrompt).toBe('');
  await expect(page.getByTestId('base-prompt')).toHaveValue('');
});

test('[E6-10] what was written last is stored when the page is left at once', async ({ app }) => {
  await openSettings(app);
  await app.page.getByTestId('base-prompt').fill('Written in haste.');
  await app.page.getByTestId('new-chat').click();
  await expect.poll(async () => (await app.request('settings.get', {})).systemPrompt).toBe('Written in haste.');
});

test('[E2-23] the browser is asked for notifications by a click in the settings and not before', async ({ app }) => {
  test.skip(app.host === 'electron', 'The desktop application asks nobody.');
  const { page } = app;
  await page.addInitScript(() => {
    const asked: string[] = [];
    class FakeNotification {
      static permission = 'default';
      static requestPermission = async () => {
        FakeNotification.permission = 'granted';
        asked.push('permission');
        return 'granted';
      };
      constructor(title: string, options: { body: string }) {
        asked.push(`${title}: ${options.body}`);
      }
    }
    Object.assign(window, { Notification: FakeNotification, asked });
  });
  await page.reload();
  const asked = () => page.evaluate(() => (window as unknown as { asked: string[] }).asked);
  await openSettings(app);
  expect(await asked()).toEqual([]);
  await page.getByTestId('allow-notifications').click();
  await expect(page.getByTestId('allow-notifications')).toHaveCount(0);
  expect(await asked()).toEqual(['permission']);
  await page.getByTestId('new-chat').click();
  await page.getByTestId('composer-input').fill('/echo The words of a secret plan');
  await page.evaluate(() => Object.defineProperty(document, 'hasFocus', { configurable: true, value: () => false }));
  await page.getByTestId('composer-input').press('Enter');
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
  await page.getByTestId('composer-input').fill('/echo More words');
  await page.getByTestId('composer-input').press('Enter');
  await expect.poll(asked).toContainEqual(expect.stringMatching(/: The answer is ready\.$/));
  expect((await asked()).some((each) => each.includes('More words'))).toBe(false);
});

for (const width of [1280, 600]) {
  test(`[E3-07] the settings page is accessible and in order (both themes, ${width} px)`, async ({ app }) => {
    const { page } = app;
    await app.request('settings.set', { values: { systemPrompt: 'Answer in two paragraphs at most.' } });
    // What an upstream keeps of us is the core's to know; here it is only drawn.
    const leftover = (upstreamSessionId: string, status: string, attempts: number, lastError: string | null) => ({
      profile: 'hermes',
      upstreamSessionId,
      status,
      attempts,
      lastError,
      createdAtMs: 0,
    });
    if (app.host === 'headless') {
      await page.route('**/api/app/profiles.leftovers', (route) =>
        route.fulfill({
          json: {
            ok: true,
            data: {
              leftovers: [
                leftover('eph_mf2k1x_9a41bc', 'pending', 1, null),
                leftover('eph_mf2k0a_77c0de', 'dead', 3, 'The provider answered 500.'),
              ],
            },
          },
        }),
      );
    }
    await page.setViewportSize({ width, height: 800 });
    await page.reload();
    await openSettings(app);
    if (app.host === 'headless') {
      await expect(page.getByTestId('leftovers').getByRole('listitem')).toHaveCount(2);
      await expect(page.getByTestId('leftovers').getByRole('listitem').first()).toContainText('Given up after 3 tries');
    }
    await expectAccessibleInBothThemes(app, `settings-page-THEME-${width}`);
    await page.getByRole('heading', { name: 'This installation' }).scrollIntoViewIfNeeded();
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await app.screenshot(`settings-page-end-${theme}-${width}`);
    }
  });
}

test('nothing is said of leftovers where there are none', async ({ app }) => {
  await openSettings(app);
  await expect(app.page.getByRole('heading', { name: 'This installation' })).toBeVisible();
  await expect(app.page.getByText('Left behind at providers')).toHaveCount(0);
});

test('[E12] the settings have sections with addresses, and a filter that finds a setting by its words', async ({
  app,
}) => {
  await openSettings(app);
  const { page } = app;
  const sections = page.getByRole('navigation', { name: 'Sections' });
  const frameTop = () => page.evaluate(() => document.scrollingElement?.scrollTop ?? 0);
  await expect(sections.getByRole('link', { name: 'Appearance' })).toHaveAttribute('aria-current', 'location');

  await sections.getByRole('link', { name: 'Queue' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Queue' })).toBeFocused();
  await expect(sections.getByRole('link', { name: 'Queue' })).toHaveAttribute('aria-current', 'location');
  // One that cannot come to the top is the one that was asked for all the same, and the frame stays where it is.
  await sections.getByRole('link', { name: 'This installation' }).click();
  await expect(sections.getByRole('link', { name: 'This installation' })).toHaveAttribute('aria-current', 'location');
  expect(await frameTop()).toBe(0);
  await expectAccessible(app);

  const filter = page.getByTestId('settings-filter');
  await filter.fill('queue stop');
  await expect(page.getByRole('switch')).toHaveCount(1);
  await expect(page.getByRole('switch')).toHaveAccessibleName('Stop also pauses the queue');
  await expect(sections.getByRole('link')).toHaveText(['Queue']);
  await expect(page.getByRole('status').filter({ hasText: '1 setting' })).toHaveCount(1);
  await filter.press('Enter');
  await expect(page.getByRole('switch')).toBeFocused();
  // The name of something that can be chosen is a word of its setting.
  await filter.fill('dark');
  await expect(page.getByRole('group', { name: 'Theme' })).toBeVisible();
  await filter.fill('no such setting');
  await expect(page.getByText('No setting with “no such setting”')).toBeVisible();
  await expectAccessible(app);
  await filter.press('Escape');
  await expect(filter).toHaveValue('');
  await expect(page.getByRole('switch', { name: 'Reduce motion' })).toBeVisible();

  await app.request('settings.set', { values: { language: 'zh-CN' } });
  await page.getByTestId('settings-filter').fill('主题');
  await expect(page.getByRole('region', { name: '外观' })).toBeVisible();
  await expect(page.getByRole('region', { name: '队列' })).toBeHidden();
  await app.request('settings.set', { values: { language: 'en' } });

  await page.getByTestId('new-chat').click();
  await page.evaluate(() => {
    window.location.hash = 'settings=keys';
  });
  await expect(page.getByRole('heading', { level: 2, name: 'Keys' })).toBeFocused();
  expect(page.url()).not.toContain('#settings');
});

test('[E12] where there is no room for the list of sections a select leads to them', async ({ app }) => {
  await openSettings(app);
  const { page } = app;
  await page.setViewportSize({ width: 600, height: 800 });
  await page.getByTestId('settings-section').selectOption('context');
  await expect(page.getByRole('heading', { level: 2, name: 'Context' })).toBeInViewport();
  await expect(page.getByTestId('settings-filter')).toBeInViewport();
  await expect(page.getByTestId('settings-section')).toHaveValue('context');
  await expectAccessible(app);
});
