import { expect, test } from './app.fixture.ts';
import { expectAccessibleInBothThemes } from './expect-accessible.ts';

test('[E12] a host that is no desktop application has no settings for one', async ({ app }) => {
  test.skip(app.host === 'electron', 'There they are.');
  expect((await app.request('app.info', {})).abilities.desktop).toBe(false);
  expect(await app.request('app.desktop', {})).toEqual({ desktop: null });
  await app.page.getByTestId('nav-settings').click();
  await expect(app.page.getByRole('region', { name: 'Window' })).toBeVisible();
  await expect(app.page.getByRole('region', { name: 'Desktop' })).toHaveCount(0);
});

for (const width of [1280, 600]) {
  test(`[E12] the settings of the desktop say what the system made of them (both themes, ${width} px)`, async ({
    app,
  }) => {
    test.skip(app.host === 'electron', 'Here the desktop’s answers are played.');
    const { page } = app;
    await app.request('settings.set', { values: { quickKeys: 'Alt+Space' } });
    await page.setViewportSize({ width, height: 800 });
    await page.route('**/api/app/app.info', async (route) => {
      const answer = (await (await route.fetch()).json()) as { data: { abilities: Record<string, boolean> } };
      answer.data.abilities['desktop'] = true;
      await route.fulfill({ json: answer });
    });
    await page.route('**/api/app/app.desktop', (route) =>
      route.fulfill({
        json: {
          ok: true,
          data: {
            desktop: { platform: 'linux', quickKeys: 'taken', opensAtLogin: true, tray: 'failed', spellCheck: false },
          },
        },
      }),
    );
    await page.reload();
    await page.getByTestId('nav-settings').click();
    const section = page.getByRole('region', { name: 'Desktop' });
    await expect(section).toContainText('Another program has these keys. Choose others.');
    await expect(section).toContainText('This desktop has no tray');
    await expect(section.getByRole('switch', { name: 'Open at login' })).toBeChecked();
    await section.getByRole('switch', { name: 'Check spelling' }).click();
    await section.getByTestId('quick-keys').selectOption({ label: 'Ctrl Alt Q' });
    await expect
      .poll(async () => {
        const { spellCheck, quickKeys } = await app.request('settings.get', {});
        return [spellCheck, quickKeys];
      })
      .toEqual(['on', 'CommandOrControl+Alt+Q']);
    await section.scrollIntoViewIfNeeded();
    await expectAccessibleInBothThemes(app, `desktop-THEME-${width}`);
  });
}
