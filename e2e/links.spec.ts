import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

const KEY = 'sk-planted-0123456789abcdef';

test('[E12] a link with a key shows host and masked key, and does nothing without a click', async ({ app }) => {
  const { page } = app;
  const address = `sluice://connect?provider=openai-chat&url=${encodeURIComponent(`${app.fake.url}/v1`)}&name=Work&key=${KEY}`;
  await app.request('links.offer', { address });
  const dialog = page.getByRole('alertdialog', { name: 'Add this provider from a link?' });
  await expect(dialog).toContainText(new URL(app.fake.url).host);
  await expect(dialog).toContainText('sk-p…cdef');
  await expect(dialog.getByRole('button', { name: 'Not now' })).toBeFocused();
  expect(await page.content()).not.toContain(KEY);
  await expectAccessible(app);
  await app.screenshot('link-key');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect((await app.request('credentials.list', {})).credentials).toEqual([]);
  expect(app.fake.requests).toHaveLength(0);

  await app.request('links.offer', { address });
  await page.getByTestId('link-yes').click();
  await expect(page.getByTestId('key-card')).toContainText('sk-p…cdef');
  expect(await page.content()).not.toContain(KEY);
  expect(app.fake.requests).toHaveLength(0);
  expect((await app.request('links.pending', {})).links).toEqual([]);
});

test('[E12] a link’s text goes into the composer and is not sent; it waits for a page that is not there yet', async ({
  app,
}) => {
  const { page } = app;
  await app.request('links.offer', { address: 'sluice://new?text=Delete%20everything' });
  await page.reload();
  await expect(page.getByRole('alertdialog')).toContainText('Delete everything');
  await page.getByTestId('link-yes').click();
  await expect(page.getByTestId('composer-input')).toHaveValue('Delete everything');
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
});

test('[E12] a link to a conversation opens it; one that is not here, and one that nobody knows, say so', async ({
  app,
}) => {
  const { page } = app;
  const { id } = await app.request('sessions.create', { title: 'Locks and gates' });
  await app.request('links.offer', { address: `sluice://session?id=${id}` });
  await expect(page.getByRole('alertdialog')).toContainText('Locks and gates');
  await page.getByTestId('link-yes').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Locks and gates' })).toBeVisible();
  for (const [address, words] of [
    ['sluice://session?id=nobody', 'not here'],
    ['sluice://run?command=rm', 'does not know'],
    [`sluice://new?text=${'x'.repeat(50_000)}`, 'too long'],
  ] as const) {
    await app.request('links.offer', { address });
    const dialog = page.getByRole('alertdialog', { name: 'A link was refused' });
    await expect(dialog).toContainText(words);
    await expect(page.getByTestId('link-yes')).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toHaveCount(0);
  }
});
