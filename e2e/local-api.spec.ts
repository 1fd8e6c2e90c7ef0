import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

test('[decision 21] a key is made for a program, shown once, used, and revoked', async ({ app }) => {
  const { page } = app;
  await page.getByTestId('nav-settings').click();
  const group = page.getByRole('region', { name: 'Local API' });
  await group.getByLabel('Name of a program').fill('My script');
  await group.getByRole('button', { name: 'Make a key' }).click();
  const key = (await group.getByTestId('new-client-key').textContent()) ?? '';
  expect(key).toMatch(/^sluice_/);
  const row = group.getByRole('listitem').filter({ hasText: 'My script' });
  await expect(row).toContainText('never used');
  const keep = group.getByRole('button', { name: 'I have it' });
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [600, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await keep.scrollIntoViewIfNeeded();
    await expectAccessible(app);
    await app.screenshot(`local-api-${width}-${colorScheme}`);
  }
  await keep.click();
  await expect(group.getByText(key)).toHaveCount(0);

  const { server } = app;
  const statusOf = async () => (await fetch(`${server?.url ?? ''}/api/info`, { headers: { 'x-api-key': key } })).status;
  if (server !== null) {
    await expect(group.getByTestId('local-api-address')).toHaveText(`${server.url}/api`);
    expect(await statusOf()).toBe(200);
  }
  app.expectConsoleError(/localApi\.setClientCap/);
  // What it may spend: a wrong amount says so where it was written, a right one is shown with what was spent.
  await group.getByRole('button', { name: 'Limit what My script may spend' }).click();
  await group.getByTestId('cap-limit').fill('much');
  await group.getByRole('button', { name: 'Save limit' }).click();
  await expect(group.getByText('“much” is not an amount')).toBeVisible();
  await group.getByTestId('cap-limit').fill('12,50');
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [600, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await group.getByTestId('cap-limit').scrollIntoViewIfNeeded();
    await expectAccessible(app);
    await app.screenshot(`local-api-cap-${width}-${colorScheme}`);
  }
  await group.getByRole('button', { name: 'Save limit' }).click();
  await expect(row.getByTestId('client-spend')).toHaveText('$0.00 of $12.50 spent this month (0 %)');
  await app.screenshot('local-api-capped');
  if (server !== null) {
    const opened = app.page.context().waitForEvent('page');
    await group.getByRole('link', { name: 'Open' }).click();
    const reference = await opened;
    await expect(reference.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible();
    await expect(reference.getByText('/api/threads/{thread_id}/runs/stream', { exact: true })).toBeVisible();
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [600, 'dark'],
    ] as const) {
      await reference.setViewportSize({ width, height: 800 });
      await reference.emulateMedia({ colorScheme });
      const wide = await reference.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      await reference.screenshot({ path: `test-results/screenshots/reference-${width}-${colorScheme}.png` });
    }
    await reference.close();
  }
  await group.getByRole('button', { name: 'Revoke the key of My script' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toHaveCount(0);
  if (server !== null) expect(await statusOf()).toBe(401);
});
