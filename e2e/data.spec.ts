import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

async function openData({ page }: SluiceApp): Promise<void> {
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Data' })).toBeVisible();
}

test('[E8-27] a backup is made, listed with its counts, restored by keyboard, and what was there is one more backup', async ({
  app,
}) => {
  const { page } = app;
  await app.request('sessions.create', { title: 'Kept' });
  await openData(app);
  await page.getByTestId('back-up').click();
  const rows = page.getByTestId('backups').getByRole('listitem');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('made by you');
  await expect(rows.first()).toContainText('1 conversation');
  await app.request('sessions.create', { title: 'Written later' });
  await expectAccessible(app);
  await app.screenshot('data-backups');

  await rows
    .first()
    .getByRole('button', { name: /^Restore/ })
    .focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toContainText('Go back to');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Written later')).toHaveCount(0, { timeout: 20_000 });
  await expect
    .poll(async () => (await app.request('sessions.list', {})).sessions.map((each) => each.title))
    .toEqual(['Kept']);
  await openData(app);
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'before another backup was restored' })).toContainText('2 conversations');
});

test('[E8-27] [BUG-A33] damaged conversations are a screen with choices, and a backup brings them back', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'The test opens the window anew, which in Electron is the host itself.');
  await app.request('sessions.create', { title: 'Kept' });
  await app.request('data.backUp', {});
  await app.kill();
  truncateSync(join(app.dataDir, 'sluice.db'), 30_000);
  await app.start();
  const { page } = app;
  const rescue = page.getByTestId('rescue');
  await expect(rescue).toBeVisible();
  await expect(rescue).toHaveAttribute('data-kind', 'damaged');
  await expect(page.getByRole('alert')).toContainText('damaged');
  await expectAccessible(app);
  await app.screenshot('rescue');
  app.expectConsoleError(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection/);
  await rescue.getByRole('button', { name: /^Restore the backup/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('Kept', { exact: true }).first()).toBeVisible({ timeout: 20_000 });
});
