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
  await group.getByRole('button', { name: 'Revoke the key of My script' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toHaveCount(0);
  if (server !== null) expect(await statusOf()).toBe(401);
});
