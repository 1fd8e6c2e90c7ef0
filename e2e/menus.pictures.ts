import { expect, type SluiceApp, test } from './app.fixture.ts';
import { atTheDoor } from './at-the-door.ts';
import { answer, finish, rateLimited, text, waitForRelease } from './fake-upstream/script.ts';

// What floats and what comes late, in every look: menus and lists close with the window's size, so each is opened anew.

const MODELS = [
  ...['qwen3-8b', 'llama-4-scout-17b-16e-instruct', 'deepseek-r1-distill-qwen-32b'],
  ...Array.from({ length: 40 }, (_, index) => `vendor${index % 4}/model-${index}-with-a-rather-long-name-2026-04-01`),
];

async function connect(app: SluiceApp): Promise<void> {
  app.fake.setModels(answer(200, { data: MODELS.map((id) => ({ id })) }));
  const made = { name: 'Home lab', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'qwen3-8b' } as const;
  const profile = await app.request('profiles.create', made);
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'Home lab', compressionEnabled: false } });
  await app.page.reload();
}

const input = (app: SluiceApp) => app.page.getByTestId('composer-input');
const answers = (app: SluiceApp) => app.page.getByTestId('message-assistant');

async function send(app: SluiceApp, message: string, state: RegExp = /done/): Promise<void> {
  const before = await answers(app).count();
  await input(app).fill(message);
  await app.page.keyboard.press('Enter');
  await expect(answers(app)).toHaveCount(before + 1);
  await expect(answers(app).last()).toHaveAttribute('data-state', state);
}

/** A picture of what this button opens, in every look. */
async function menu(app: SluiceApp, name: string, button: string, typed?: string): Promise<void> {
  const { page } = app;
  const shown = page.locator('[role="menu"], [role="dialog"]:not(dialog)').last();
  const open = async () => {
    const opener = page.getByTestId(button).last();
    await opener.scrollIntoViewIfNeeded();
    await opener.hover({ force: true });
    await opener.click();
    if (typed !== undefined) await page.getByRole('combobox').last().fill(typed);
    await expect(shown).toBeVisible();
  };
  await open();
  await app.screenshot(name, { shown, open });
  await page.keyboard.press('Escape');
}

test('lists of models, wherever one is chosen', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await connect(app);
  await menu(app, 'models-new-chat', 'profile-picker');
  app.fake.next([text('The lease is renewed every thirty seconds.'), finish()]);
  await send(app, 'How long is the lease?');
  await page.getByTestId('profile-picker').click();
  await page.getByTestId('combo-row').filter({ hasText: 'llama-4' }).click();
  await menu(app, 'models', 'profile-picker');
  await menu(app, 'models-typed', 'profile-picker', 'long-name');
  await menu(app, 'models-unknown', 'profile-picker', 'not-in-the-list');
  await menu(app, 'models-retry', 'regenerate-with');
  await page.getByTestId('conversation-settings').click();
  await app.screenshot('panel');
  await menu(app, 'models-panel', 'conversation-model');
});

test('menus of an answer, of a conversation and of a long table', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await connect(app);
  const rows = Array.from(
    { length: 700 },
    (_, at) => `| charge ${at} | ${at * 3} | leased for two minutes, then free again |`,
  );
  app.fake.next([text(`All of them:\n\n| Row | Orders | State |\n|---|---:|---|\n${rows.join('\n')}`), finish()]);
  await send(app, 'Every row, please');
  await menu(app, 'copy-as-menu', 'copy-as');
  await page.getByTestId('copy-table').focus();
  await app.screenshot('table-copy-focused');
  await answers(app).last().locator('th').first().scrollIntoViewIfNeeded();
  await page.getByTestId('copy-table').focus();
  await app.screenshot('table-head-copy-focused');
  await menu(app, 'meter', 'context-meter');
  app.fake.next([text('First.'), waitForRelease('never')]);
  await send(app, 'Go on', /streaming|live/);
  await input(app).fill('Meanwhile');
});

test('ends of answers, one below the other', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await connect(app);
  app.fake.next([
    text('The claim has to be part of the same statement that selects the row, so that'),
    finish({ reason: 'length' }),
  ]);
  await send(app, 'Explain it', /./);
  await expect(page.getByTestId('interrupted-row')).toHaveCount(1);
  app.fake.next([text('It begins well and then'), finish({ reason: 'content_filter' })]);
  await send(app, 'Now the part about the customer', /./);
  await expect(page.getByTestId('interrupted-row')).toHaveCount(2);
  app.fake.next([text('Two workers can pick up'), waitForRelease('never')]);
  await send(app, 'Then without the customer', /./);
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('interrupted-row')).toHaveCount(3);
  await app.screenshot('ends-of-answers');
  app.fake.next(rateLimited('3000'));
  await send(app, 'Once more', /failed/);
  await app.screenshot('limit-for-long');
});

test('a paste that became a file beside others', async ({ app }) => {
  test.skip(app.host === 'electron', 'Permissions are granted to a browser.');
  test.setTimeout(300_000);
  const { page } = app;
  await connect(app);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await input(app).fill('What went wrong between the two?');
  for (let at = 0; at < 2; at++) {
    await page.evaluate(
      (words) => navigator.clipboard.writeText(words),
      'a line of a log that somebody pastes\n'.repeat(900),
    );
    await page.keyboard.press('Control+V');
    await expect(page.getByTestId('attachment')).toHaveCount(at + 1);
  }
  await app.screenshot('pasted-twice');
  await page.getByTestId('attach-input').setInputFiles({
    name: 'quarterly-report-of-all-regions-final-version-of-friday.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.4 not much'),
  });
  await expect(page.getByTestId('attachment')).toHaveCount(3);
  await expect(page.getByTestId('attachment').last()).toHaveAttribute('data-state', 'ready');
  await app.screenshot('pasted-and-picked');
  await page.getByTestId('attachment-read').first().click();
  await expect(page.getByTestId('attachment-text')).toContainText('a line of a log');
  await app.screenshot('pasted-read');
});

test('a conversation that is gone, at length', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await connect(app);
  await send(app, 'Hello');
  const [session] = (await app.request('sessions.list', {})).sessions;
  const title = 'Why the cold start is slow on Windows machines with a virus scanner and what can be done about it';
  await app.request('sessions.rename', { sessionId: session?.id ?? '', title });
  await input(app).fill('half a thought');
  await app.request('sessions.delete', { sessionId: session?.id ?? '' });
  await expect(page.getByTestId('gone-note')).toContainText('deleted elsewhere');
  await app.screenshot('gone-note-long');
});

test('a door to which no key fits', async ({ app }) => {
  test.skip(app.server === null, 'The window has no address.');
  test.setTimeout(300_000);
  app.expectConsoleError(/./);
  await atTheDoor(app, 'door-refused', ['dark-1280', 'dark-600', 'zh-600', 'light-480'], async (door) => {
    await door.getByTestId('door-token').fill('not a token at all');
    await door.keyboard.press('Enter');
    await door.getByTestId('door-token').or(door.getByRole('alert')).first().waitFor();
  });
});
