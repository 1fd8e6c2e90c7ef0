import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { answer, finish, text } from './fake-upstream/script.ts';

/** A message that is long beside any summary of it. */
const longText = (name: string) => `${name}: ${'water '.repeat(400)}`;

async function say(app: SluiceApp, text: string): Promise<void> {
  const { page } = app;
  await page.getByTestId('composer-input').fill(text);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-user').last()).toHaveText(text);
  await expect(page.getByTestId('live-line')).toHaveCount(0);
}

/** A conversation of which all but the newest messages can be summarised. The demo summarises unless told otherwise. */
async function talk(app: SluiceApp, turns: number, summaryProfile = 'demo'): Promise<void> {
  const profile = await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionTailMessages: 2, summaryProfile } });
  for (let turn = 1; turn <= turns; turn++) await say(app, longText(`Turn ${turn}`));
}

/** Compacts by the button that lies in the context meter. */
async function compactNow({ page }: SluiceApp): Promise<void> {
  await page.getByTestId('context-meter').click();
  await page.getByTestId('compact-now').click();
}

test('[E7-12] [E7-15] a divider says what its summary cost', async ({ app }) => {
  await app.request('models.saveOverride', { profile: null, model: '*', input: '3', output: '15' });
  await talk(app, 5, '');
  app.fake.next([text('They spoke of water.'), finish({ usage: { input: 2000, output: 40 } })]);
  await compactNow(app);
  await expect(app.page.getByTestId('compaction')).toContainText(/tokens · \$0\.007/);
  await app.page.getByTestId('compaction').scrollIntoViewIfNeeded();
  await app.screenshot('compaction-cost-light');
});

const REFUSED = answer(401, { error: { message: 'No such key' } });

test('[E7-12] a compaction is a divider that opens to its summary, also after a reload', async ({ app }) => {
  await talk(app, 5);
  const { page } = app;
  await compactNow(app);
  const divider = page.getByTestId('compaction');
  await expect(divider).toContainText(/Compacted \d+ messages, ≈[\d.]+k? → [\d.]+k? tokens/);
  // Each of the five has its place, drawn or not.
  await expect(page.locator('[data-turn]')).toHaveCount(5);
  await divider.getByRole('button').first().click();
  await expect(page.getByTestId('compaction-summary')).toContainText('not a summary by a model');
  await expect(divider).toContainText('Originals are kept.');
  await app.screenshot('compaction-open-light');
  await expectAccessible(app);
  await page.emulateMedia({ colorScheme: 'dark' });
  await app.screenshot('compaction-open-dark');
  await expectAccessible(app, { only: 'colours' });
  await page.reload();
  await expect(page.getByTestId('compaction')).toHaveCount(1);
});

test('[E7-12] a summary is rewritten and taken back by its reader, and the earlier one holds again', async ({
  app,
}) => {
  await talk(app, 5, '');
  const { page } = app;
  await say(app, '/echo short');
  app.fake.next([text('They spoke of rivers.'), finish()]);
  await compactNow(app);
  const divider = page.getByTestId('compaction');
  await divider.getByRole('button').first().click();
  await page.getByTestId('compaction-change').click();
  await page.getByTestId('compaction-edit').fill('They spoke of water.');
  await page.getByTestId('compaction-save').click();
  await expect(divider).toContainText('edited');
  await divider.getByRole('button').first().click();
  await expect(page.getByTestId('compaction-summary')).toHaveText('They spoke of water.');
  await page.getByTestId('compaction-undo').click();
  await expect(divider).not.toContainText('edited');
  await page.getByTestId('compaction-undo').click();
  await expect(divider).toHaveCount(0);
});

test('[E7-12] a summary is read as the Markdown that its model wrote, and rewritten as its text', async ({ app }) => {
  await talk(app, 5, '');
  const { page } = app;
  const summary = [
    '## Goal',
    'They want to raise a boat by **twelve metres**, see [the plan](https://example.org/plan).',
    '## Decisions',
    '- two chambers, not one',
    '- gates of *oak*\n',
    '| Part | State |\n|---|---|\n| upper gate | ordered |\n| lower gate | drawn |\n',
    '```ts\nconst riseMetres = 12;\n```\n',
    '<img src=x onerror="alert(1)">',
  ].join('\n');
  app.fake.next([text(summary), finish()]);
  await compactNow(app);
  const divider = page.getByTestId('compaction');
  await divider.getByRole('button').first().click();
  const shown = page.getByTestId('compaction-summary');
  await expect(shown.getByRole('heading', { name: 'Decisions' })).toBeVisible();
  await expect(shown.getByRole('listitem')).toHaveCount(2);
  await expect(shown.getByRole('cell', { name: 'upper gate' })).toBeVisible();
  await expect(shown.locator('pre')).toContainText('const riseMetres = 12;');
  await expect(shown.locator('strong')).toHaveText('twelve metres');
  await expect(shown).not.toContainText('##');
  // No part of it is ever read as HTML.
  await expect(shown.locator('img')).toHaveCount(0);
  await expectAccessible(app);
  await app.screenshot('compaction-markdown-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await app.screenshot('compaction-markdown-dark');
  await expectAccessible(app, { only: 'colours' });
  // What is looked for is what was said.
  await page.keyboard.press('ControlOrMeta+f');
  await page.getByTestId('find-input').fill('oak');
  await expect(page.getByTestId('find-count')).toHaveText('No match');
  await page.keyboard.press('Escape');
  await page.getByTestId('compaction-change').click();
  await expect(page.getByTestId('compaction-edit')).toHaveValue(/^## Goal/);
});

test('[E7-12] the command says what it did, and a later summary leaves the earlier one as a quiet line', async ({
  app,
}) => {
  await talk(app, 4, '');
  const { page } = app;
  app.fake.next([text('They spoke of water.'), finish()]);
  await page.getByTestId('composer-input').fill('/compact');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('command-line')).toContainText('Compacted');
  await expect(page.getByTestId('compaction')).toHaveCount(1);
  for (const turn of [5, 6, 7]) await say(app, longText(`Turn ${turn}`));
  app.fake.next([text('They went on about water.'), finish()]);
  await compactNow(app);
  const current = page.locator('[data-testid="compaction"][data-current="true"]');
  const earlier = page.locator('[data-testid="compaction"][data-current="false"]');
  await expect(current).toContainText('12 messages');
  // The earlier one stands far above, and is drawn once it is near.
  await page.locator('section[tabindex="0"]').first().hover();
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, -300);
        return earlier.count();
      },
      { intervals: [100] },
    )
    .toBe(1);
  await earlier.getByRole('button').first().click();
  await expect(earlier.getByTestId('compaction-change')).toHaveCount(0);
  await earlier.scrollIntoViewIfNeeded();
  await app.screenshot('compaction-earlier');
  await page.locator('[data-turn]').last().scrollIntoViewIfNeeded();
  await app.screenshot('compaction-two');
  await page.emulateMedia({ colorScheme: 'dark' });
  await app.screenshot('compaction-two-dark');
});

test('[E7-12] while a summary is made the conversation says so; a failure is one plain line', async ({ app }) => {
  const { page } = app;
  await talk(app, 5, 'fake');
  app.fake.next({ ...REFUSED, headersGate: 'summary' });
  await compactNow(app);
  await expect(page.getByTestId('compacting')).toContainText('Compacting, ');
  await page.getByTestId('context-meter').click();
  await expect(page.getByTestId('compact-now')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await app.screenshot('compaction-running');
  await page.emulateMedia({ colorScheme: 'dark' });
  await app.screenshot('compaction-running-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  app.fake.release('summary');
  await expect(page.getByTestId('compaction-failed')).toContainText(/^Not compacted: .+\. Nothing changed\.$/);
  await expect(page.getByTestId('compacting')).toHaveCount(0);
  await app.screenshot('compaction-failed');
  await expectAccessible(app);
});

test('[E7-12] a compaction that is stopped changes nothing and is over', async ({ app }) => {
  const { page } = app;
  await talk(app, 5, 'fake');
  app.fake.next({ ...REFUSED, headersGate: 'never' });
  await compactNow(app);
  await page.getByTestId('compacting').getByRole('button').click();
  await expect(page.getByTestId('compacting')).toHaveCount(0);
  await page.getByTestId('context-meter').click();
  await expect(page.getByTestId('compact-now')).toBeVisible();
  await expect(page.getByTestId('compaction')).toHaveCount(0);
});

test('[E7-12] a pinned message is marked, after a reload too, and unpinned again', async ({ app }) => {
  const { page } = app;
  await say(app, '/echo remember this');
  await page.getByTestId('message-user').hover();
  await page.getByTestId('message-user').getByTestId('pin').click();
  await expect(page.getByTestId('message-user').getByTestId('pin-mark')).toBeVisible();
  await page.getByTestId('message-assistant').hover();
  await page.getByTestId('message-assistant').getByTestId('pin').click();
  await expect(page.getByTestId('pin-mark')).toHaveCount(2);
  await app.screenshot('compaction-pinned');
  await expectAccessible(app);
  await page.reload();
  await expect(page.getByTestId('pin-mark')).toHaveCount(2);
  await page.getByTestId('message-user').hover();
  await page.getByTestId('message-user').getByTestId('pin').click();
  await expect(page.getByTestId('pin-mark')).toHaveCount(1);
});

test('[E7-12] settings say when conversations are compacted and by whom', async ({ app }) => {
  const { page } = app;
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByTestId('setting-compressionThreshold').fill('60');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await app.request('settings.get', {})).compressionThreshold).toBe(0.6);
  await page.getByTestId('setting-compressionMaxMessages').fill('0');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await app.request('settings.get', {})).compressionMaxMessages).toBe(0);
  await page.getByTestId('setting-compressionThreshold').fill('99');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Write a number from 5 to 95.')).toBeVisible();
  await page.getByTestId('summary-model').fill('small');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await app.request('settings.get', {})).summaryModel).toBe('small');
  await page.getByTestId('summary-profile').scrollIntoViewIfNeeded();
  await app.screenshot('compaction-settings');
  await expectAccessible(app);
});
