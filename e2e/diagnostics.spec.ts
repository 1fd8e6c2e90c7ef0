import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';

async function openDiagnostics({ page }: SluiceApp): Promise<void> {
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-diagnostics').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Diagnostics' })).toBeVisible();
}

/** Has the page get an answer that its core would never give. */
async function answerWrongly({ page }: SluiceApp, route: string, data: unknown): Promise<void> {
  await page.route(`**/api/app/${route}`, (asked) => asked.fulfill({ json: { ok: true, data } }));
}

test('[E12] every file of the diagnostics is read before it is saved, and what is left out stays out', async ({
  app,
}, info) => {
  const { page } = app;
  await openDiagnostics(app);
  const rows = page.getByTestId('diagnostics-file');
  await expect(rows).toHaveCount(5);
  await rows.filter({ hasText: 'about.json' }).getByText('Read about.json').click();
  await expect(page.getByRole('region', { name: 'about.json' })).toContainText('"host"');
  await expectAccessible(app);
  await app.screenshot('diagnostics');
  await page.getByRole('checkbox', { name: /log\.jsonl/ }).uncheck();
  const download = page.waitForEvent('download');
  await page.getByTestId('save-diagnostics').click();
  const path = join(info.outputPath(), 'saved.zip');
  await (await download).saveAs(path);
  // Names stand in the clear in a zip.
  const bytes = readFileSync(path).toString('latin1');
  expect(bytes).toContain('about.json');
  expect(bytes).not.toContain('log.jsonl');
  await page
    .getByRole('radio', { name: 'Detailed' })
    .or(page.getByRole('button', { name: 'Detailed' }))
    .first()
    .click();
  await expect.poll(async () => (await app.request('settings.get', {})).logDetail).toBe('detailed');
});

test('[E12] a page that cannot be drawn says so and leaves the rest of the window and every draft', async ({ app }) => {
  const { page } = app;
  app.expectConsoleError(/./);
  await page.getByTestId('composer-input').fill('typed before it broke');
  await answerWrongly(app, 'data.backups', { backups: [null] });
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  const screen = page.getByTestId('crash-screen');
  await expect(screen).toHaveAttribute('data-place', 'part');
  await expect(screen).toContainText('What you typed is kept.');
  await expect(screen.getByRole('button', { name: 'Copy details' })).toBeVisible();
  await expectAccessible(app);
  await app.screenshot('crash-part');
  // Elsewhere everything goes on, and trying again draws the page anew.
  await page.unroute('**/api/app/data.backups');
  await screen.getByRole('button', { name: 'Try again' }).click();
  await expect(screen).toHaveCount(0);
  await expect(page.getByTestId('back-up')).toBeVisible();
  await page.getByTestId('nav-settings').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  const { files } = await app.request('diagnostics.collect', {});
  expect(files.find(({ part }) => part === 'log')?.text).toContain('a part of the page failed');
});

test('[E12] a window that cannot be drawn offers a reload, after which draft and conversations are there', async ({
  app,
}) => {
  const { page } = app;
  app.expectConsoleError(/./);
  await page.getByTestId('composer-input').fill('typed before it broke');
  await answerWrongly(app, 'usage.summary', {});
  await page.reload();
  const screen = page.getByTestId('crash-screen');
  await expect(screen).toHaveAttribute('data-place', 'window');
  await expectAccessible(app);
  await app.screenshot('crash-window');
  await page.unroute('**/api/app/usage.summary');
  await screen.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByTestId('composer-input')).toHaveValue('typed before it broke');
});

for (const [width, height] of [
  [1280, 800],
  [600, 800],
] as const) {
  test(`[E12] diagnostics, a failed page and the word about an unexpected end (both themes, ${width} px)`, async ({
    app,
  }) => {
    test.skip(app.host === 'electron', 'Here the core’s answers are played.');
    const { page } = app;
    app.expectConsoleError(/./);
    await page.setViewportSize({ width, height });
    await page.route('**/api/app/app.info', async (route) => {
      const answer = (await (await route.fetch()).json()) as { data: { crash: unknown } };
      answer.data.crash = { atMs: 1_790_000_000_000, version: '0.1.0' };
      await route.fulfill({ json: answer });
    });
    await page.reload();
    const banner = page.getByRole('status').filter({ hasText: 'Sluice ended unexpectedly' });
    await expect(banner).toBeVisible();
    await expectAccessibleInBothThemes(app, `crash-banner-THEME-${width}`);
    await banner.getByRole('button', { name: 'Diagnostics' }).click();
    await expect(page.getByTestId('diagnostics-file')).toHaveCount(5);
    await page.getByText('Read settings.json').click();
    await expectAccessibleInBothThemes(app, `diagnostics-THEME-${width}`);
    await answerWrongly(app, 'data.backups', { backups: [null] });
    await page.getByRole('button', { name: 'Settings' }).last().click();
    await page.getByTestId('open-data').click();
    await expect(page.getByTestId('crash-screen')).toBeVisible();
    await expectAccessibleInBothThemes(app, `crash-part-THEME-${width}`);
  });
}
