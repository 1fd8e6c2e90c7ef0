import type { Page } from '@playwright/test';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

const rows = (page: Page) => page.getByTestId('palette-row');
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Asks for the palette while its code is held back. @returns what lets the code come. */
async function openBeforeItsCode(page: Page): Promise<() => void> {
  const { promise: gate, resolve: come } = Promise.withResolvers<void>();
  await page.route('**/palette*.js', async (route) => {
    await gate;
    await route.continue();
  });
  await page.reload();
  await page.getByTestId('composer-input').focus();
  await page.keyboard.press('ControlOrMeta+k');
  return come;
}

test('[E12] the palette opens by its keys, finds by a few letters, and gives the keyboard back', async ({ app }) => {
  const { page } = app;
  await page.getByTestId('composer-input').focus();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.type('usag');
  await expect(rows(page).first()).toContainText('Usage');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette')).toHaveCount(0);
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('usag');
  await page.keyboard.press('Enter');
  await expect(heading(page)).toHaveText('Usage');
  await expect(heading(page)).toBeFocused();
});

test('[E12] what is typed for the palette before its code is there goes into it, and never to a model', async ({
  app,
}) => {
  const { page } = app;
  const come = await openBeforeItsCode(page);
  await page.keyboard.type('usagx');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toHaveValue('');
  come();
  await expect(heading(page)).toHaveText('Usage');
  expect((await app.request('sessions.list', {})).total).toBe(0);
});

test('[E12] what is typed while the palette takes what was typed before comes behind it', async ({ app }) => {
  const { page } = app;
  const come = await openBeforeItsCode(page);
  // A key a frame is typed: these are on their way when the next ones are pressed.
  await page.keyboard.type('open the settings of this');
  const field = page.getByTestId('palette-input');
  const seen = field.evaluate(
    (input: HTMLInputElement) =>
      new Promise<void>((resolve) => input.addEventListener('input', () => resolve(), { once: true })),
  );
  come();
  await seen;
  await page.keyboard.type(' application!');
  await page.keyboard.press('Backspace');
  await expect(field).toHaveValue('open the settings of this application');
});

test('[E12] it lists what can be done here and nothing else', async ({ app }) => {
  const { page } = app;
  await app.request('sessions.create', { title: 'A first conversation' });
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('rename');
  await expect(page.getByTestId('palette-input')).toHaveValue('rename');
  await expect(rows(page).filter({ hasText: 'Rename this conversation' })).toHaveCount(0);
  await page.getByTestId('palette-input').fill('first conv');
  // It was made a moment ago, and the palette finds what the page has heard of.
  await expect(rows(page).first()).toContainText('A first conversation');
  await page.keyboard.press('Enter');
  await expect(heading(page)).toHaveText('A first conversation');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('rename');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  // The palette gave the keyboard back before the question took it.
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('rename');
  await page.keyboard.press('Enter');
  await page.getByTestId('rename-dialog-field').fill('Another name');
  await page.keyboard.press('Enter');
  await expect(heading(page)).toHaveText('Another name');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('tags');
  await page.keyboard.press('Enter');
  await page.getByTestId('new-tag').fill('#work');
  await page.keyboard.press('Enter');
  const filters = page.getByRole('group', { name: 'Filter by tag' });
  await expect(filters.getByRole('button', { name: 'work', exact: true })).toBeVisible();
});

test('[E12] every page is reached by keys alone, and F6 walks the window', async ({ app }) => {
  const { page } = app;
  const keys = app.host === 'electron' ? 'ControlOrMeta' : 'Alt';
  await app.request('sessions.create', { title: 'Alpha' });
  for (const [key, title] of [
    [`${keys}+2`, 'Credentials'],
    [`${keys}+3`, 'Usage'],
    [`${keys}+4`, 'Prompts'],
    ['ControlOrMeta+,', 'Settings'],
    ['ControlOrMeta+Shift+F', 'Search'],
    [`${keys}+1`, 'New chat'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(heading(page)).toHaveText(title);
  }
  await expect(page.locator('[data-row]')).toHaveCount(1);
  await page.getByTestId('composer-input').focus();
  await page.keyboard.press('F6');
  await expect(page.locator('[data-row]')).toBeFocused();
  await page.keyboard.press('F6');
  await expect(page.locator('main')).toBeFocused();
  await page.keyboard.press('Shift+F6');
  await expect(page.locator('[data-row]')).toBeFocused();
});

test('[E12] keys are bound anew, a conflict is said and never taken in silence, and both outlive a restart', async ({
  app,
}) => {
  const { page } = app;
  await page.keyboard.press('ControlOrMeta+/');
  const sheet = page.getByTestId('shortcuts');
  const row = (id: string) => sheet.getByTestId(`shortcut-${id}`);
  await row('showUsage')
    .getByRole('button', { name: /^Change the keys/ })
    .click();
  await page.keyboard.press('a');
  await expect(row('showUsage').getByRole('alert')).toContainText('belong to writing');
  if (app.host === 'headless') {
    // It would close the tab instead of showing anything.
    await page.keyboard.press('ControlOrMeta+t');
    await expect(row('showUsage').getByRole('alert')).toContainText('The browser keeps these keys');
  }
  await page.keyboard.press('ControlOrMeta+k');
  await expect(row('showUsage').getByRole('alert')).toContainText('“Command palette” has these keys.');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeVisible();
  await expect.poll(async () => (await app.request('settings.get', {})).shortcuts).toEqual({});
  await row('showUsage')
    .getByRole('button', { name: /^Change the keys/ })
    .click();
  await page.keyboard.press('ControlOrMeta+k');
  await row('showUsage').getByRole('button', { name: 'Take them over' }).click();
  // The button that was pressed is gone; the keyboard stays in its row.
  await expect(row('showUsage').getByRole('button').last()).toBeFocused();
  await expect
    .poll(async () => (await app.request('settings.get', {})).shortcuts)
    .toEqual({ showUsage: 'Mod+K', showPalette: null });
  await expectAccessible(app);
  await app.restart();
  await app.page.getByTestId('composer-input').focus();
  // Until the settings are there, the keys are those that Sluice comes with.
  await expect(async () => {
    await app.page.keyboard.press('Escape');
    await app.page.keyboard.press('ControlOrMeta+k');
    await expect(heading(app.page)).toHaveText('Usage', { timeout: 1000 });
  }).toPass({ timeout: 15_000 });
  await expect(app.page.getByTestId('palette')).toHaveCount(0);
  const bad = await app.requestResult('settings.set', { values: { shortcuts: { newChat: 'A' } } });
  expect(bad).toMatchObject({ ok: false, error: { code: 'invalid_payload' } });
});

test('[E12] a prompt is written, filled and inserted by keyboard, and goes out and in as a file', async ({ app }) => {
  const { page } = app;
  await page.getByTestId('nav-prompts').click();
  await page
    .getByTestId('new-prompt')
    .or(page.getByRole('button', { name: 'New prompt' }))
    .first()
    .click();
  await page.getByTestId('prompt-name').fill('Translate');
  await page.getByTestId('prompt-body').fill('Into {{language=English}}:\n{{text}}');
  await expect(page.getByText('Asks for: language, text')).toBeVisible();
  await page.getByRole('button', { name: 'Save prompt' }).click();
  await expect(page.getByTestId('prompt')).toHaveText(/Translate/);
  const saved = page.waitForEvent('download');
  await page.getByTestId('export-prompts').click();
  const path = await (await saved).path();
  await page.getByRole('button', { name: 'Delete “Translate”' }).click();
  await page.getByRole('button', { name: 'Delete prompt' }).click();
  await expect(page.getByTestId('prompt')).toHaveCount(0);
  await page.getByTestId('import-prompts').setInputFiles({
    name: 'other.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"a":1}'),
  });
  await expect(page.getByRole('alert')).toContainText('“other.json” holds no prompts');
  await page.getByTestId('import-prompts').setInputFiles(path);
  await expect(page.getByTestId('prompt')).toHaveText(/Translate/);

  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.type('transl');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('fill-language')).toHaveValue('English');
  await page.getByTestId('fill-text').fill('Guten Tag {{x}} $&');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toHaveValue('Into English:\nGuten Tag {{x}} $&');
  await expect(page.getByTestId('composer-input')).toBeFocused();

  // The same by a slash at the beginning of a message.
  await page.getByTestId('composer-input').fill('/tran');
  await expect(page.getByTestId('slash-menu').getByRole('option')).toHaveText([/^Translate/]);
  await page.keyboard.press('Enter');
  await page.getByTestId('fill-text').fill('Hallo');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-input')).toHaveValue('Into English:\nHallo');
});
