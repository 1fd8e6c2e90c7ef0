import { expect, type SluiceApp, test } from './app.fixture.ts';
import { atTheDoor } from './at-the-door.ts';
import { finish, reasoning, text, toolEnd, toolStart, waitForRelease, words } from './fake-upstream/script.ts';

// Pages and states that no spec takes a picture of on its way. Run by `E2E_PICTURES=every npm run e2e -- looks.pictures`.

const TITLES = [
  'Unit names for the sensor API',
  'Trip to Chengdu in April',
  'Cover letter, second draft',
  'Why is the cold start slow on Windows machines with a virus scanner',
];

async function fill(app: SluiceApp): Promise<void> {
  await app.request('profiles.create', {
    name: 'Home lab',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'qwen3-8b',
  });
  await app.request('settings.set', { values: { defaultProfile: 'Home lab' } });
  for (const [at, title] of TITLES.entries()) {
    app.fake.next([text('Done, and the lease is renewed every thirty seconds.'), finish()]);
    await app.request('chat.run', { session_id: `s${at}`, input: title });
    await expect
      .poll(async () => (await app.request('sessions.get', { sessionId: `s${at}` })).lastStatus)
      .toBe('success');
  }
  await app.request('sessions.update', { sessionId: 's0', pinned: true, tags: ['Work', 'API'] });
  await app.request('sessions.update', { sessionId: 's1', tags: ['Travel'] });
  await app.page.reload();
}

const input = (app: SluiceApp) => app.page.getByTestId('composer-input');

async function send(app: SluiceApp, message: string): Promise<void> {
  await input(app).fill(message);
  await app.page.keyboard.press('Enter');
}

test('a conversation at length, its tools, its queue and who may answer', async ({ app }) => {
  test.setTimeout(180_000);
  const { page } = app;
  await fill(app);
  app.fake.next(
    [
      reasoning(
        'The retry job charges twice when the worker is killed between the charge and the mark. A lease helps.',
      ),
      ...words('Two workers can pick up the same row. I look at the job first.'),
      toolStart('read_file', { id: 'a', arguments: '{"path":"jobs/retry.ts"}', preview: 'jobs/retry.ts' }),
      toolEnd('read_file', { id: 'a', output: 'export async function retryCharges() …', durationSeconds: 0.4 }),
      toolStart('run_tests', { id: 'b', arguments: '{"only":"retry"}', preview: 'retry' }),
      toolEnd('run_tests', { id: 'b', output: 'exit code 1', durationSeconds: 2, isError: true }),
      ...words(
        "The claim has to be part of the same statement that selects the row:\n\n```sql\nupdate charges\n   set leased_until = now() + interval '2 minutes'\n where id = $1 and leased_until < now()\n```\n\n| Step | Workers | Risk |\n|---|---:|---|\n| Migration | 0 | none |\n| One pod | 1 | low |\n\nA worker that gets no row back leaves the charge alone.",
      ),
      finish({ usage: { input: 1840, output: 312 } }),
    ],
    [
      reasoning('First the migration, then the workers.'),
      ...words('The migration only adds columns, so running workers are not disturbed while it is applied.'),
      toolStart('run_command', { id: 'c', arguments: '{"command":"npm run migrate"}', preview: 'npm run migrate' }),
      waitForRelease('never'),
    ],
  );
  await send(app, 'Why are some orders charged twice after a restart?');
  await expect(page.locator('[data-testid="message-assistant"][data-state="done"]')).toBeVisible();
  await app.screenshot('conversation');
  await page.getByTestId('reasoning').locator('summary').click();
  await page.getByTestId('tool-row').last().locator('summary').click();
  await app.screenshot('conversation-open');
  await send(app, 'Good. Write the migration, and say how we roll it out without stopping the workers.');
  await expect(page.locator('[data-testid="tool-row"][data-state="running"]')).toBeVisible();
  await app.screenshot('conversation-tool-running');
  for (let number = 1; number <= 7; number++) {
    await send(
      app,
      `Step ${number}: a message that waits, and one that is so long that its row has to cut it off at the end of the line`,
    );
    await expect(page.getByTestId('queue-item')).toHaveCount(number);
  }
  await input(app).fill('Also check whether refunds use the same claim');
  await app.screenshot('queue-long');
  await page.getByTestId('profile-picker').click();
  await app.screenshot('profile-picker');
});

test('failures of an answer in words', async ({ app }) => {
  test.setTimeout(180_000);
  await app.page.getByTestId('start-demo').click();
  for (const kind of ['rate', 'overload', 'server', 'cut']) {
    await send(app, `/fail ${kind}`);
    await expect(app.page.getByTestId('message-assistant').last()).toHaveAttribute('data-state', /failed|interrupted/);
  }
  await app.screenshot('failures');
});

test('palette, keys, search, tags and prompts', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await page.getByTestId('nav-prompts').click();
  await expect(page.locator('main h1')).toBeVisible();
  await app.screenshot('prompts-empty');
  await fill(app);
  await page.locator('[data-row]').first().click();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await app.screenshot('palette');
  await page.keyboard.type('chen');
  await app.screenshot('palette-found');
  await page.keyboard.type('zzzz');
  await app.screenshot('palette-none');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+/');
  await expect(page.getByTestId('shortcuts')).toBeVisible();
  await app.screenshot('shortcuts');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+f');
  await page.keyboard.type('no such words');
  await app.screenshot('find-none');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await expect(page.getByTestId('search-input')).toBeFocused();
  await app.screenshot('search-idle');
  await page.keyboard.type('lease');
  await expect(page.getByTestId('search-hit').first()).toBeVisible();
  await app.screenshot('search-hits');
  await page.keyboard.type('zzzz');
  await expect(page.getByTestId('search-hit')).toHaveCount(0);
  await app.screenshot('search-none');
  for (const [name, body] of [
    ['Translate', 'Into {{language=English}}:\n{{text}}'],
    ['Review a change', 'Read this change as a careful reviewer.\nName what breaks first.\n\n{{diff}}'],
    ['会议纪要', '把下面的记录整理成会议纪要：\n{{text}}'],
  ] as const)
    await app.request('prompts.save', { name, body });
  await page.reload();
  await page.getByTestId('nav-prompts').click();
  await expect(page.getByTestId('prompt')).toHaveCount(3);
  await app.screenshot('prompts');
  await page.getByTestId('new-prompt').click();
  await page.getByTestId('prompt-name').fill('Summary for the team');
  await page.getByTestId('prompt-body').fill('In five lines for {{team=support}}:\n{{text}}');
  await app.screenshot('prompt-form');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('transl');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('fill-language')).toBeVisible();
  await app.screenshot('prompt-fill');
});

test('dialogs and forms over the pages of keys and data', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await fill(app);
  await page.getByTestId('nav-credentials').click();
  await page.getByTestId('set-passphrase').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await app.screenshot('passphrase');
  await page.keyboard.press('Escape');
  await page.getByTestId('open-proxies').click();
  await app.screenshot('proxies-drawer');
  await page.keyboard.press('Escape');
  await page.getByTestId('add-key').click();
  await app.screenshot('add-key');
  for (const [at, name] of ['import', 'export'].entries()) {
    await page.getByTestId('keys-file').click();
    await page.getByRole('menuitem').nth(at).click();
    await expect(page.getByTestId(`${name}-submit`)).toBeVisible();
    await app.screenshot(`keys-${name}`);
    await page.keyboard.press('Escape');
  }
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  await page.getByTestId('back-up').click();
  await expect(page.getByTestId('backups').getByRole('listitem')).toHaveCount(1);
  await page.getByTestId('delete-all').click();
  await expect(page.getByTestId('delete-words')).toBeVisible();
  await app.screenshot('delete-everything');
  await page.keyboard.press('Escape');
  await page
    .getByTestId('backups')
    .getByRole('button', { name: /Restore/ })
    .click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await app.screenshot('restore-asks');
});

test('the list over the page, text half as large again, and nobody at the other end', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await fill(app);
  await page.locator('[data-row]').first().click();
  await expect(page.getByTestId('message-assistant')).toBeVisible();
  await app.request('settings.set', { values: { textSize: 150 } });
  await app.screenshot('large-text');
  await page.getByTestId('nav-credentials').click();
  await app.screenshot('large-text-credentials');
  await app.request('settings.set', { values: { textSize: 100 } });
  await page.setViewportSize({ width: 600, height: 800 });
  await page.getByRole('button', { name: 'Show conversations' }).click();
  await expect(page.locator('aside h2').first()).toBeVisible();
  await page.screenshot({ path: 'test-results/looks/sidebar-over-page.light-600.png' });
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1280, height: 800 });
  await app.kill();
  await expect(page.getByText('out of reach')).toBeVisible();
  await page.screenshot({ path: 'test-results/looks/offline.light-1280.png' });
  await page.setViewportSize({ width: 480, height: 800 });
  await page.screenshot({ path: 'test-results/looks/offline.light-480.png' });
});

test('a month of spending', async ({ app }) => {
  test.skip(app.host === 'electron', 'The figures are made up on their way over HTTP.');
  const { page } = app;
  await fill(app);
  await page.getByTestId('nav-usage').click();
  await expect(page.getByTestId('usage-page')).toBeVisible();
  await app.screenshot('usage-free');
  await page.getByTestId('add-budget').click();
  await app.screenshot('usage-budget-form');
});

test('a conversation on its way', async ({ app }) => {
  test.skip(app.host === 'electron', 'The window stops with its host.');
  const { page } = app;
  await fill(app);
  await expect(page.locator('[data-row]')).toHaveCount(4);
  process.kill(app.pid, 'SIGSTOP');
  try {
    await page.locator('[data-row]').nth(1).click();
    await expect(page.getByRole('status', { name: 'Loading' })).toBeVisible();
    await page.screenshot({ path: 'test-results/looks/loading.light-1280.png' });
  } finally {
    process.kill(app.pid, 'SIGCONT');
  }
});

/** What `app.info` says from now on, beside what is so. */
async function playInfo({ page }: SluiceApp, played: Record<string, unknown>): Promise<void> {
  await page.unroute('**/api/app/app.info');
  await page.route('**/api/app/app.info', async (route) => {
    const answer = (await (await route.fetch()).json()) as { data: Record<string, unknown> };
    Object.assign(answer.data, played);
    await route.fulfill({ json: answer });
  });
}

test('what is said across the page, and a new version', async ({ app }) => {
  test.skip(app.host === 'electron', 'Here the core’s answers are played.');
  test.setTimeout(240_000);
  const { page } = app;
  await fill(app);
  const writable = { storage: { state: 'writable', message: null } };
  for (const [name, played] of [
    ['banner-full', { storage: { state: 'read-only', message: '', said: { word: 'storage_read_only' } } }],
    ['banner-read-only', { storage: { state: 'read-only', message: null } }],
    ['banner-restored', { ...writable, notice: { message: '', said: { word: 'restored', with: { path: KEPT } } } }],
    ['banner-crash', { ...writable, notice: null, crash: { atMs: 1_790_000_000_000, version: '0.1.0' } }],
  ] as const) {
    await playInfo(app, played);
    await page.reload();
    await page.locator('[data-row]').first().click();
    await expect(page.getByTestId('message-assistant')).toBeVisible();
    await expect(
      page
        .locator('main')
        .getByRole(/full|only/.test(name) ? 'alert' : 'status')
        .first(),
    ).toBeVisible();
    await app.screenshot(name);
  }
  await page.route('**/api/app/updates.state', (route) =>
    route.fulfill({
      json: {
        ok: true,
        data: {
          way: 'self',
          version: '1.2.0',
          phase: 'available',
          found: { version: '1.3.0', sizeBytes: 96_400_000, releasedAtMs: Date.UTC(2026, 10, 18, 12) },
          percent: null,
          checkedAtMs: Date.UTC(2026, 10, 21, 9),
          problem: null,
        },
      },
    }),
  );
  await playInfo(app, writable);
  await page.reload();
  await page.locator('[data-row]').first().click();
  await expect(page.getByTestId('message-assistant')).toBeVisible();
  await expect(page.locator('aside')).toContainText('1.3.0');
  await app.screenshot('update-news');
});

const KEPT = '/home/ada/.local/share/sluice/kept/sluice-2026-11-21T09-14-03.db';

test('a page that was opened without its token', async ({ app }) => {
  test.skip(app.server === null, 'The window has no address.');
  app.expectConsoleError(/./);
  const looks = ['light-1280', 'dark-1280', 'light-600', 'zh-1280'];
  await atTheDoor(app, 'door-without-token', looks, (door) => expect(door.getByTestId('token-door')).toBeVisible());
});

test('the questions about tags and about a conversation', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await fill(app);
  const dialog = page.getByRole('dialog', { name: 'Edit tags' });
  const row = (name: string) => dialog.getByRole('textbox', { name: `Name of the tag ${name}` });
  await page.getByTestId('all-tags').click();
  await expect(dialog.getByTestId('tag-row')).toHaveCount(3);
  await app.screenshot('tags-all');
  await row('API').fill('Interfaces');
  await app.screenshot('tags-rename');
  await row('API').fill('work');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toBeVisible();
  await app.screenshot('tags-merge');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('button', { name: 'Delete the tag Travel' }).click();
  await app.screenshot('tags-remove');
  await page.keyboard.press('Escape');
  await page.locator('[data-row]').last().click();
  for (const [name, command] of [
    ['conversation-rename', 'Rename'],
    ['conversation-tags', 'Tags of this'],
    ['conversation-delete', 'Delete this'],
  ] as const) {
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type(command);
    await page.keyboard.press('Enter');
    await expect(page.locator('dialog[open]')).toBeVisible();
    await app.screenshot(name);
    await page.keyboard.press('Escape');
    await expect(page.locator('dialog[open]')).toHaveCount(0);
  }
});

test('settings by section and by words, hits without marks, and a conversation that holds nothing', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await fill(app);
  app.fake.next([
    text(
      '## The lease\n\nUse **`claim_row`** with a [lease](https://docs.example/lease):\n\n| Step | Risk |\n|---|---|\n| Lease | low |\n\n```sql\nselect lease from charges\n```',
    ),
    finish(),
  ]);
  await app.request('chat.run', {
    session_id: 'marks',
    input:
      '# Lease times\n\nWhy are some orders **charged twice** after a restart, and how do we roll the migration out without stopping?',
  });
  await expect.poll(async () => (await app.request('sessions.get', { sessionId: 'marks' })).lastStatus).toBe('success');
  const blank = await app.request('sessions.create', { title: 'Made by a program' });
  await page.goto(`${app.server?.url ?? ''}/#session=${blank.id}`);
  await expect(page.getByTestId('blank-conversation')).toBeVisible();
  await app.screenshot('conversation-blank');
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await page.getByTestId('search-input').fill('lease');
  await expect(page.getByTestId('search-hit').first()).toBeVisible();
  await app.screenshot('search-marks');
  await page.getByTestId('nav-settings').click();
  await expect(page.getByTestId('settings-filter')).toBeVisible();
  await app.screenshot('settings-sections');
  await page.getByRole('link', { name: 'Queue' }).click();
  await app.screenshot('settings-at-queue');
  await page.getByTestId('settings-filter').fill('key');
  await app.screenshot('settings-found');
  await page.getByTestId('settings-filter').fill('no such thing');
  await app.screenshot('settings-found-none');
});
