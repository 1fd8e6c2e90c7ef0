import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

test('[E8-18] a thumb on an answer is the runs API’s vote, also the other way round and after a reload', async ({
  app,
}) => {
  const { page } = app;
  await page.getByRole('textbox', { name: 'Message' }).fill('/echo hello');
  await page.keyboard.press('Enter');
  const good = page.getByRole('button', { name: 'Good answer' });
  const bad = page.getByRole('button', { name: 'Poor answer' });
  await expect(good).toHaveAttribute('aria-pressed', 'false');
  await good.focus();
  await page.keyboard.press('Enter');
  await expect(good).toHaveAttribute('aria-pressed', 'true');
  const { sessions } = await app.request('sessions.list', {});
  const sessionId = sessions[0]?.id ?? '';
  const { runs } = await app.request('runs.list', { sessionId });
  const runId = runs[0]?.id ?? '';
  await expect
    .poll(async () => (await app.request('feedback.list', { sessionId })).votes)
    .toEqual([{ runId, rating: 1, comment: null }]);
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [600, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await expectAccessible(app);
    await app.screenshot(`votes-${width}-${colorScheme}`);
  }
  // From elsewhere, while the window is open.
  await app.request('feedback.set', { sessionId, runId, rating: -1 });
  await expect(bad).toHaveAttribute('aria-pressed', 'true');
  await expect(good).toHaveAttribute('aria-pressed', 'false');
  await page.reload();
  await expect(bad).toHaveAttribute('aria-pressed', 'true');
  await bad.click();
  await expect(bad).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(async () => (await app.request('feedback.list', { sessionId })).votes).toEqual([]);
});
