import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import {
  approval,
  awaitSteer,
  clarify,
  finish,
  text,
  toolEnd,
  toolStart,
  toScript,
  waitForRelease,
} from './fake-upstream/script.ts';

async function useHermes(app: SluiceApp): Promise<void> {
  const profile = await app.request('profiles.create', { name: 'agent', kind: 'hermes', baseUrl: app.fake.url });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'agent' } });
  await app.page.reload();
}

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
}

test('[E2-17] a question is answered with a choice, in a reload it is still there, and the answer goes on', async ({
  app,
}) => {
  const { page } = app;
  await send(app, '/clarify');
  const card = page.getByTestId('clarify');
  await expect(card).toBeVisible();
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'needs');
  await app.screenshot('clarify');
  await expectAccessible(app);
  await page.reload();
  await expect(card).toBeVisible();
  await card.getByRole('group').getByRole('button').first().click();
  await expect(card).toHaveCount(0);
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
});

test('[E2-17] a question is answered in one’s own words, and Enter in the composer never answers it', async ({
  app,
}) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next([clarify('Which folder?', { id: 'q1', choices: ['src', 'docs'] }), text('Understood.'), finish()]);
  await send(app, 'Clean up');
  const card = page.getByTestId('clarify');
  await expect(card).toContainText('Which folder?');
  await send(app, 'Next');
  await expect(page.getByTestId('queue-item')).toHaveCount(1);
  await expect(card).toBeVisible();
  await card.getByRole('textbox').fill('neither, the tests');
  await card.getByRole('textbox').press('Enter');
  await expect(card).toHaveCount(0);
  await expect(page.getByTestId('message-assistant').first()).toContainText('Understood.');
});

test('[E2-16] two approvals wait at once, and each gets its own answer', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next([
    text('Two things need you. '),
    {
      do: 'frame',
      data: {
        event: 'approval.request',
        request_id: 'a1',
        command: 'git push',
        description: 'Push the branch',
        choices: ['once', 'deny'],
      },
    },
    approval('rm -r build/', { id: 'a2', description: 'Delete the folder build/' }),
    text('Done.'),
    finish(),
  ]);
  await send(app, 'Go');
  await expect(page.getByTestId('approval')).toHaveCount(2);
  // Nothing is written while it waits for a person.
  await expect(page.getByTestId('message-assistant').locator('.caret')).toHaveCount(0);
  await app.screenshot('approval-two');
  await expectAccessible(app);
  await page.reload();
  await expect(page.getByTestId('approval')).toHaveCount(2);
  const second = page.getByTestId('approval').filter({ hasText: 'rm -r build/' });
  await second.getByRole('button', { name: 'Allow once' }).click();
  await expect(second).toHaveCount(0);
});

test('[E2-18] a message goes into the running answer and stands there as a station', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next([text('I would begin with the tests. '), awaitSteer(), text(' So I will.'), finish()]);
  await send(app, 'Plan it');
  await expect(page.getByTestId('message-assistant')).toContainText('begin with the tests');
  await page.getByTestId('composer-input').fill('Begin with the docs');
  await page.getByTestId('send-menu').click();
  await app.screenshot('steer-menu');
  await expectAccessible(app);
  await page.getByTestId('steer').click();
  await expect(page.getByTestId('steer-row')).toContainText('Begin with the docs');
  await expect(page.getByTestId('composer-hint')).toContainText('Sent into the running answer');
  await expect(page.getByTestId('message-assistant')).toContainText('So I will.');
  await expect(page.getByTestId('message-user')).toHaveCount(1);
  await page.reload();
  await expect(page.getByTestId('steer-row')).toContainText('Begin with the docs');
});

test('[E2-18] an answer that takes nothing queues the message and says so', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next({ ...toScript([text('Busy with it. '), waitForRelease('never')]), onSteer: 'refuse' });
  await send(app, 'Go');
  await expect(page.getByTestId('message-assistant')).toContainText('Busy with it.');
  await page.getByTestId('composer-input').fill('Faster');
  await page.getByTestId('send-menu').click();
  await page.getByTestId('steer').click();
  await expect(page.getByTestId('queue-item')).toContainText('Faster');
  await expect(page.getByTestId('composer-hint')).toContainText('queued');
});

test('[E2-08] a tool of which the upstream tells nothing says so in words', async ({ app }) => {
  await useHermes(app);
  const { page } = app;
  app.fake.next({ ...toScript([toolStart('read_file'), toolEnd('read_file'), text('Read.')]), hidesToolDetails: true });
  await send(app, 'Read it');
  const row = page.getByTestId('tool-row');
  await expect(row).toContainText('Done');
  await expect(row).toContainText('Arguments and output not provided');
});

test('[E2-16] an approval that is answered in one window is gone in the other', async ({ app }) => {
  test.skip(app.host === 'electron', 'The desktop application has one window.');
  await send(app, '/approve');
  await expect(app.page.getByTestId('approval')).toBeVisible();
  const other = await app.openPage();
  await other.getByTestId('session-item').first().click();
  await other.getByTestId('approval').getByRole('button', { name: 'Deny' }).click();
  await expect(app.page.getByTestId('approval')).toHaveCount(0);
  await expect(app.page.getByTestId('message-assistant')).toContainText('not run');
});
