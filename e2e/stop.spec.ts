import { expect, type SluiceApp, test } from './app.fixture.ts';
import { finish, text, toScript, waitForRelease } from './fake-upstream/script.ts';

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
}

async function useHermes(app: SluiceApp): Promise<void> {
  const profile = await app.request('profiles.create', { name: 'agent', kind: 'hermes', baseUrl: app.fake.url });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'agent' } });
}

test('[E4-10] Stop reads Stopping until the upstream has ended, and a second press changes nothing', async ({
  app,
}) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next({ ...toScript([text('A long way to go '), waitForRelease('never')]), stopDelayMs: 1500 });
  await send(app, 'Go');
  await expect(page.getByTestId('message-assistant')).toContainText('A long way to go');
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('stop')).toHaveText('Stopping…');
  await expect(page.getByTestId('live-line')).toContainText('Stopping');
  await app.screenshot('stopping');
  await page.getByTestId('stop').click({ force: true });
  await expect(page.getByTestId('interrupted-row')).toContainText('Stopped at');
  await expect(page.getByTestId('send')).toBeVisible();
  // The list says the same as the answer does.
  await expect(page.getByTestId('session-item').first()).toContainText('Stopped');
  expect(app.fake.stops).toHaveLength(1);
});

test('[E4-06] a stopped answer goes on with Continue, or is made anew with Retry', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next([text('The first half '), waitForRelease('never')]);
  await send(app, 'Tell me');
  await expect(page.getByTestId('message-assistant')).toContainText('The first half');
  await page.keyboard.press('Escape');
  const row = page.getByTestId('interrupted-row');
  await expect(row).toContainText('Stopped');
  app.fake.next([text('and the second.'), finish()]);
  await row.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByTestId('message-user').last()).toHaveText('Continue');
  await expect(page.getByTestId('message-assistant').last()).toContainText('and the second.');
  await expect(page.getByTestId('message-assistant').first()).toContainText('The first half');
});

test('[E2-12] Retry answers the same message again and keeps the failed answer as a version', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next(
    [text('Half a wo'), { do: 'fail', message: 'The engine failed.' }],
    [text('The whole answer.'), finish()],
  );
  await send(app, 'Tell me');
  await expect(page.getByTestId('error-row')).toBeVisible();
  await page.getByTestId('error-row').getByRole('button', { name: 'Retry' }).press('Enter');
  await expect(page.getByTestId('message-assistant')).toContainText('The whole answer.');
  await expect(page.getByTestId('message-user')).toHaveCount(1);
  await expect(page.getByTestId('versions')).toHaveText(/1 earlier version/);
  // The button went with the failure; whoever pressed it goes on writing.
  await expect(page.getByTestId('composer-input')).toBeFocused();
});

test('[E4-01] Stop ends the wait for an upstream that takes nothing now', async ({ app }) => {
  const { page } = app;
  await send(app, '/busy');
  const line = page.locator('[data-live="retrying"]');
  await expect(line).toContainText('Next try in');
  await app.screenshot('retry-wait');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('interrupted-row')).toContainText('Stopped');
});

test('[E9-07] an upstream that is busy is waited for, and then it answers', async ({ app }) => {
  const { page } = app;
  await send(app, '/busy');
  await expect(page.locator('[data-live="retrying"]')).toBeVisible();
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
  await expect(page.getByTestId('error-row')).toHaveCount(0);
});

test('[E4-10] Escape closes what is open before it stops anything', async ({ app }) => {
  const { page } = app;
  await send(app, '/slow');
  await expect(page.getByTestId('live-line')).toContainText('Writing');
  await page.getByTestId('profile-picker').click();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('stop')).toHaveText('Stop');
  await page.getByTestId('composer-input').fill('/');
  await expect(page.getByTestId('slash-menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('slash-menu')).toHaveCount(0);
  await expect(page.getByTestId('stop')).toHaveText('Stop');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('interrupted-row')).toContainText('Stopped');
});
