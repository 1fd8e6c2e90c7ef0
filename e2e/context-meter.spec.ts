import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { finish, text } from './fake-upstream/script.ts';

async function say(app: SluiceApp, text: string): Promise<void> {
  const { page } = app;
  const before = await page.getByTestId('message-user').count();
  await page.getByTestId('composer-input').fill(text);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-user')).toHaveCount(before + 1);
  await expect(page.getByTestId('live-line')).toHaveCount(0);
}

/** A profile that answers with the fake upstream and takes so many tokens. */
async function useWindow(app: SluiceApp, contextLength: number): Promise<void> {
  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    contextLength,
  });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
}

/** Thousands of tokens that the meter shows. */
async function usedIn({ page }: SluiceApp): Promise<number> {
  return Number(/≈ ([\d.]+)k/.exec(await page.getByTestId('context-meter').innerText())?.[1]);
}

test('[E7-17] the meter says what the next request holds, and what is typed counts at once', async ({ app }) => {
  const { page } = app;
  await useWindow(app, 20_000);
  const meter = page.getByTestId('context-meter');
  await expect(meter).toHaveCount(0);
  await say(app, 'water '.repeat(1000));
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
  await expect(meter).toContainText(/≈ [\d.]+k of 20k/);
  // The answer counts a moment after it has come.
  const [session] = (await app.request('sessions.list', {})).sessions;
  const { totalTokens } = await app.request('sessions.context', { sessionId: session?.id ?? '' });
  const before = Number((totalTokens / 1000).toFixed(1));
  await expect.poll(() => usedIn(app)).toBe(before);
  await page.getByTestId('composer-input').fill('more '.repeat(1600));
  await expect.poll(() => usedIn(app)).toBe(before + 2);
  await meter.click();
  const parts = page.getByTestId('context-parts');
  await expect(parts).toContainText('Recent');
  await expect(parts).toContainText('2 messages');
  await expect(parts).toContainText('This message');
  await expect(page.getByRole('dialog')).toContainText('compacts at 10k');
  await expect(page.getByRole('dialog')).toContainText('free');
  await app.screenshot('context-meter');
  await expectAccessible(app);
  await page.emulateMedia({ colorScheme: 'dark' });
  await app.screenshot('context-meter-dark');
  await expectAccessible(app, { only: 'colours' });
  // The keyboard goes round within what is open, and Escape leads back from anywhere in it.
  for (let step = 0; step < 4; step++) await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await expect(meter).toBeFocused();
  await page.reload();
  await expect.poll(() => usedIn(app)).toBe(before + 2);
});

test('[E7-01] [E7-17] past the limit it says that the next message compacts, and after it that it did', async ({
  app,
}) => {
  const { page } = app;
  await useWindow(app, 8000);
  await app.request('settings.set', { values: { compressionTailMessages: 2 } });
  for (const turn of [1, 2, 3]) await say(app, `Turn ${turn}: ${'water '.repeat(500)}`);
  const meter = page.getByTestId('context-meter');
  await expect(meter).not.toContainText('compacts');
  await page.getByTestId('composer-input').fill('more '.repeat(2000));
  await expect(meter).toContainText('compacts with the next message');
  await app.screenshot('context-meter-over');
  await page.setViewportSize({ width: 600, height: 800 });
  await app.screenshot('context-meter-over-600');
  await meter.click();
  await app.screenshot('context-meter-600');
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1280, height: 800 });
  app.fake.next([text('They spoke of water.'), finish()]);
  await page.getByTestId('composer-input').press('Enter');
  await expect(meter).not.toContainText('compacts');
  await meter.click();
  await expect(page.getByTestId('context-parts')).toContainText('Summary');
  await app.screenshot('context-meter-summary');
});
