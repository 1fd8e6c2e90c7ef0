import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

/** The host closes its door for a moment while it opens its store anew; the page asks until it is open again. */
const CLOSED_FOR_A_MOMENT = /Failed to load resource|WebSocket connection/;

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

  app.expectConsoleError(CLOSED_FOR_A_MOMENT);
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
  app.expectConsoleError(CLOSED_FOR_A_MOMENT);
  await expect(page.getByRole('alert')).toContainText('damaged');
  await expectAccessible(app);
  await app.screenshot('rescue');
  await page.getByTestId('export-all').click();
  // Cut to a tenth, nothing of it can be read; a file that is damaged less gives up what it has.
  await expect(page.getByText('Nothing in this file can be read any more.')).toBeVisible();
  await rescue.getByRole('button', { name: /^Restore the backup/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('Kept', { exact: true }).first()).toBeVisible({ timeout: 20_000 });
});

/** As an export of ChatGPT has it. */
function chatGptFile(count: number): string {
  return JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      conversation_id: `c${index}`,
      title: `Talk ${index}`,
      create_time: 1_700_000_000,
      current_node: 'b',
      mapping: {
        a: {
          parent: null,
          children: ['b'],
          message: { author: { role: 'user' }, content: { content_type: 'text', parts: [`Question ${index}`] } },
        },
        b: {
          parent: 'a',
          children: [],
          message: { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['An answer.'] } },
        },
      },
    })),
  );
}

test('[E12] an export of another program is looked at, imported with a result for each, and shown', async ({
  app,
}, info) => {
  const { page } = app;
  await openData(app);
  const path = info.outputPath('conversations.json');
  writeFileSync(path, chatGptFile(3).replace('"Talk 2"', '"Talk 2","note":"x"').replace('Question 2', ''));
  await page.getByTestId('import-file').setInputFiles(path);
  await expect(page.getByTestId('import-preview')).toContainText('conversations.json, from ChatGPT: 3 conversations');
  await expectAccessible(app);
  await app.screenshot('data-import-preview');
  expect((await app.request('sessions.list', {})).total).toBe(0);
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-result')).toContainText(/^3 imported\.\s*/);
  await expectAccessible(app);
  await app.screenshot('data-import-result');
  // The same file once more changes nothing; this time it is dropped on the page.
  const dropped = await page.evaluateHandle(
    (words) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([words], 'conversations.json', { type: 'application/json' }));
      return transfer;
    },
    readFileSync(path, 'utf8'),
  );
  await page.dispatchEvent('#main', 'dragenter', { dataTransfer: dropped });
  await expect(page.getByTestId('drop-veil')).toContainText('Drop an export');
  await app.screenshot('data-drop');
  await page.dispatchEvent('#main', 'drop', { dataTransfer: dropped });
  await expect(page.getByTestId('import-preview')).toBeVisible();
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-result')).toContainText(/^3 were here already\./);
  await page.getByTestId('session-item').filter({ hasText: 'Talk 1' }).first().click();
  await expect(page.getByText('Question 1').last()).toBeVisible();
  await expect(page.getByText('An answer.')).toBeVisible();
});

test('[E12] a file that is none is refused in a sentence', async ({ app }, info) => {
  const { page } = app;
  await openData(app);
  const path = info.outputPath('x.json');
  writeFileSync(path, '{"mapping": ');
  app.expectConsoleError(/status of 400/);
  await page.getByTestId('import-file').setInputFiles(path);
  await expect(page.getByTestId('error-row')).toContainText('cut short');
  await expect(page.getByTestId('import-choose')).toBeEnabled();
});

test('[E8-28] everything is exported into one file, deleted once the words are written, and imported again', async ({
  app,
}, info) => {
  test.skip(app.host === 'electron', 'Electron asks where a download goes.');
  const { page } = app;
  const path = info.outputPath('conversations.json');
  writeFileSync(path, chatGptFile(2));
  await openData(app);
  await page.getByTestId('import-file').setInputFiles(path);
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-result')).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByTestId('export-all').click();
  const saved = info.outputPath('export.zip');
  await (await download).saveAs(saved);
  expect(readFileSync(saved).subarray(0, 2).toString()).toBe('PK');
  await expect(page.getByTestId('export-done')).toContainText('2 conversations');

  await page.getByTestId('delete-all').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Delete everything' })).toBeDisabled();
  await expectAccessible(app);
  await page.getByTestId('delete-words').fill('delete everything');
  await page.keyboard.press('Enter');
  await expect(page.getByText('2 conversations were deleted.')).toBeVisible();
  expect((await app.request('sessions.list', {})).total).toBe(0);

  await page.getByTestId('import-file').setInputFiles(saved);
  await expect(page.getByTestId('import-preview')).toContainText('from Sluice: 2 conversations');
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-result')).toContainText('2 imported');
  expect((await app.request('sessions.list', {})).sessions.map((each) => each.title).sort()).toEqual([
    'Talk 0',
    'Talk 1',
  ]);
});
