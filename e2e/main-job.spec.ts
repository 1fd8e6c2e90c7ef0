import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { finish, text, waitForRelease, words } from './fake-upstream/script.ts';

// As most people have it. Everywhere else nothing moves.
test.use({ contextOptions: { reducedMotion: 'no-preference' } });

/** Makes the fake the profile that answers. */
async function useFake(app: SluiceApp, kind: 'openai-chat' | 'anthropic' | 'hermes' = 'openai-chat'): Promise<void> {
  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind,
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  await app.request('credentials.create', {
    profileId: profile.id,
    label: 'Test key',
    secret: 'sk-e2e-0123456789abcdef',
  });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
}

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
}

test('[E2-01] [E2-05] [E3-01] [E4-01] [E4-10] the main job: send, stream, stop, queue, restart, and the history is still there', async ({
  app,
}) => {
  await useFake(app);
  const { page } = app;
  app.fake.next(
    [
      ...words('The first answer comes in '),
      waitForRelease('first'),
      text('two halves.'),
      finish({ usage: { input: 12, output: 8 } }),
    ],
    [text('This one is long and '), waitForRelease('never')],
    [text('The queued message was sent by itself.'), finish()],
  );

  // Send and stream.
  await send(app, 'What does a sluice do?');
  await expect(page.getByTestId('message-user')).toHaveText(/What does a sluice do\?/);
  await expect(page.getByTestId('message-assistant')).toContainText('The first answer comes in');
  await expect(page.getByTestId('live-line')).toBeVisible();
  app.fake.release('first');
  await expect(page.getByTestId('message-assistant')).toContainText('The first answer comes in two halves.');
  await expect(page.getByTestId('send')).toBeVisible();

  // Queue while it answers, then stop: the partial answer stays, the queue goes on.
  await send(app, 'Tell me more');
  await expect(page.getByTestId('message-assistant').last()).toContainText('This one is long and');
  await page.getByTestId('composer-input').fill('And the third thing');
  await page.getByTestId('queue').click();
  await expect(page.getByTestId('queue-item')).toHaveCount(1);
  await app.screenshot('main-job-queued');
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('interrupted-row')).toContainText('Stopped');
  await expect(page.getByTestId('message-assistant').last()).toContainText('The queued message was sent by itself.');
  await expect(page.getByTestId('queue-item')).toHaveCount(0);
  expect(app.fake.recorder.aborts).toHaveLength(1);
  await app.screenshot('main-job-done');

  // Restart: everything is where it was.
  await app.restart();
  await app.page.getByTestId('session-item').first().click();
  await expect(app.page.getByTestId('message-user')).toHaveText([
    /What does a sluice do\?/,
    /Tell me more/,
    /And the third thing/,
  ]);
  await expect(app.page.getByTestId('message-assistant')).toContainText([
    /two halves\./,
    /This one is long and/,
    /sent by itself\./,
  ]);
  await app.screenshot('main-job-after-restart');
});

for (const kind of ['anthropic', 'hermes'] as const) {
  test(`[E9-01] an answer from a ${kind} upstream`, async ({ app }) => {
    await useFake(app, kind);
    app.fake.next([...words('Spoken in another protocol.'), finish({ usage: { input: 5, output: 4 } })]);
    await send(app, 'Hello');
    await expect(app.page.getByTestId('message-assistant')).toContainText('Spoken in another protocol.');
    await expect(app.page.getByTestId('send')).toBeVisible();
  });
}

test('[E1-01] a reload in mid-answer changes nothing: the run goes on and the view is rebuilt', async ({ app }) => {
  await useFake(app);
  app.fake.next([text('Before the reload, '), waitForRelease('go'), text('and after it.'), finish()]);
  await send(app, 'Go on');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Before the reload,');
  await app.page.reload();
  await expect(app.page.getByTestId('message-assistant')).toContainText('Before the reload,');
  app.fake.release('go');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Before the reload, and after it.');
});

test('[E1-01] [E1-04] two windows on one session show the same stream', async ({ app }) => {
  test.skip(app.host === 'electron', 'The desktop application has one window.');
  await useFake(app);
  app.fake.next([text('Seen by '), waitForRelease('go'), text('both.'), finish()]);
  await send(app, 'Hello');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Seen by');
  const other = await app.openPage();
  await other.getByTestId('session-item').first().click();
  await expect(other.getByTestId('message-assistant')).toContainText('Seen by');
  app.fake.release('go');
  for (const page of [app.page, other])
    await expect(page.getByTestId('message-assistant')).toContainText('Seen by both.');

  await test.step('what nobody looks at is marked in both, what one looks at in neither', async () => {
    app.fake.next([text('Later '), waitForRelease('on'), finish()]);
    await send(app, 'And now?');
    const rows = [app.page, other].map((page) => page.getByTestId('session-item').first());
    for (const page of [app.page, other]) {
      await expect(page.getByTestId('message-assistant').last()).toContainText('Later');
      await page.getByTestId('new-chat').click();
    }
    app.fake.release('on');
    for (const row of rows) await expect(row).toContainText('New answer');
    await rows[0]?.locator('[data-row]').click();
    for (const row of rows) await expect(row).not.toContainText('New answer');
    // The other window tells of it a moment after the one that shows it.
    const marks = () => other.evaluate(() => localStorage.getItem('sluice.unread'));
    const id = await rows[0]?.getAttribute('data-session-id');
    await other.evaluate((marked) => localStorage.setItem('sluice.unread', marked), JSON.stringify([id]));
    await expect.poll(marks).toBe('[]');
  });
});

test('[E5-05] [E5-07] [BUG-A22] a host that is killed and comes back: the page catches up by itself and offers Continue and Retry', async ({
  app,
}) => {
  test.skip(
    app.host === 'electron',
    'In the desktop application the page dies with the host; main-job covers its restart.',
  );
  await useFake(app);
  app.fake.next([text('Half of an answer'), waitForRelease('never')]);
  await send(app, 'Tell me everything');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Half of an answer');
  await app.kill();
  await app.start({ keepPage: true });
  const row = app.page.getByTestId('interrupted-row');
  await expect(row).toContainText('Interrupted');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Half of an answer');
  // What could not be counted while the host was away is counted once it is back.
  await expect(app.page.getByTestId('context-meter')).toBeVisible();
  await app.screenshot('interrupted');
  app.fake.next([text('The whole answer.'), finish()]);
  await row.getByRole('button', { name: 'Retry' }).click();
  await expect(app.page.getByTestId('message-assistant').last()).toContainText('The whole answer.');
});

test('[E3-02] [E3-05] [BUG-A2] the queue survives a restart, waits, and its messages can be removed or sent', async ({
  app,
}) => {
  await useFake(app);
  app.fake.next([text('Busy'), waitForRelease('never')]);
  await send(app, 'One');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Busy');
  for (const message of ['Two', 'Three', 'Four']) {
    await send(app, message);
    await expect(app.page.getByTestId('queue-item').filter({ hasText: message })).toBeVisible();
  }
  await app.restart();
  await app.page.getByTestId('session-item').first().click();
  await expect(app.page.getByTestId('queue-item')).toHaveCount(3);
  await expect(app.page.getByTestId('resume-queue')).toBeVisible();
  await app.screenshot('queue-after-restart');
  await app.page.getByTestId('queue-item').filter({ hasText: 'Three' }).hover();
  await app.page.getByTestId('queue-item').filter({ hasText: 'Three' }).getByTestId('queue-remove').click();
  await expect(app.page.getByTestId('queue-item')).toHaveCount(2);
  app.fake.setDefault([text('Sent.'), finish()]);
  await app.page.getByTestId('resume-queue').click();
  await expect(app.page.getByTestId('message-user')).toHaveText([/One/, /Two/, /Four/]);
  await expect(app.page.getByTestId('queue-item')).toHaveCount(0);
});

test('[E3-08] interrupt and send stops the answer and goes first', async ({ app }) => {
  await useFake(app);
  app.fake.next([text('Going the wrong way'), waitForRelease('never')], [text('The right way.'), finish()]);
  await send(app, 'Go');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Going the wrong way');
  await app.page.getByTestId('composer-input').fill('No, the other way');
  await app.page.keyboard.press('Control+Enter');
  await expect(app.page.getByTestId('message-assistant').last()).toContainText('The right way.');
  await expect(app.page.getByTestId('message-user')).toHaveText([/Go/, /No, the other way/]);
});

test('[E2-12] [E3-07] a refused key is an error in words with its remedy, and the message is kept', async ({ app }) => {
  await useFake(app);
  app.fake.next({
    steps: [],
    answer: {
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"message":"Incorrect API key sk-e2e-0123456789abcdef"}}',
    },
  });
  await send(app, 'Hello');
  const row = app.page.getByTestId('error-row');
  await expect(row).toBeVisible();
  await expect(row).not.toContainText('sk-e2e-0123456789abcdef');
  await expect(row.getByRole('button').first()).toBeVisible();
  await expect(app.page.getByTestId('message-user')).toHaveText(/Hello/);
  await app.screenshot('refused-key');
});
