import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

async function say(app: SluiceApp, title: string, input: string): Promise<string> {
  const { id } = await app.request('sessions.create', { title });
  await app.request('chat.run', { session_id: id, input });
  await expect
    .poll(async () => (await app.request('sessions.get', { sessionId: id })).lastStatus, { timeout: 15_000 })
    .toBe('success');
  return id;
}

test('[E8-28] what was said is found by words and filters, by keyboard, and opened where it stands', async ({
  app,
}) => {
  const { page } = app;
  await say(app, 'Locks and gates', '/echo The lease ends at noon.');
  await say(app, '四月去成都', '/echo 租车合同请带上翻译件 lease');
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await expect(page.getByTestId('search-input')).toBeFocused();
  await page.keyboard.type('lease');
  await expect(page.getByRole('status')).toHaveText('4 messages in 2 conversations');
  await expect(page.locator('mark').first()).toHaveText('lease');
  await expectAccessible(app);
  await app.screenshot('search');
  await page.getByRole('combobox', { name: 'Who said it' }).selectOption('You');
  await expect(page.getByRole('status')).toHaveText('2 messages in 2 conversations');
  await page.getByTestId('search-input').fill('租车');
  await expect(page.getByRole('status')).toHaveText('1 message in 1 conversation');
  await page.getByRole('button', { name: 'Has code' }).click();
  await expect(page.getByText('No match for “租车”.')).toBeVisible();
  await page.getByRole('button', { name: 'Has code' }).click();
  await page.getByTestId('search-input').focus();
  await expect(page.getByTestId('search-message')).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('search-message')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('四月去成都');
  await expect(page.getByText('租车合同请带上翻译件 lease').first()).toBeInViewport();
  // What was searched for is there when the reader comes back.
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await expect(page.getByTestId('search-input')).toHaveValue('租车');
  // An Escape or an arrow of an input method is its own; the reader's own first clears the field, and then leads back.
  for (const key of ['Escape', 'ArrowDown']) {
    await page.getByTestId('search-input').evaluate((field, key) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }));
    }, key);
  }
  await expect(page.getByTestId('search-input')).toBeFocused();
  await expect(page.getByTestId('search-input')).toHaveValue('租车');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('search-input')).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('search-input')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('四月去成都');
  await expect(page.getByTestId('composer-input')).toBeFocused();
});

test('[E8-28] a search that fails says so', async ({ app }) => {
  const { page } = app;
  test.skip(app.host === 'electron', 'The answer is replaced on its way over HTTP; the page is the same.');
  await page.route('**/api/app/sessions.search', (route) =>
    route.fulfill({
      json: { ok: false, error: { code: 'storage_unavailable', message: 'It cannot be read.', retry: { kind: 'no' } } },
    }),
  );
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await expect(page.getByTestId('search-input')).toBeFocused();
  await page.keyboard.type('lease');
  await expect(page.getByRole('alert')).toHaveText('It cannot be read.');
});
