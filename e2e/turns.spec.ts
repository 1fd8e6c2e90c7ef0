import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByTestId('composer-input')).toHaveValue('');
  // The button reads Send before the answer begins, too.
  await expect(app.page.getByTestId('message-assistant').last()).toBeVisible();
  await expect(app.page.getByTestId('send')).toBeVisible();
}

const said = (app: SluiceApp) => app.page.getByTestId('message-user');
const answers = (app: SluiceApp) => app.page.getByTestId('message-assistant');

test('[E8-28] editing a message sets what follows aside, says how much, and every version comes back', async ({
  app,
}) => {
  const { page } = app;
  await send(app, '/echo first');
  await send(app, '/echo second');
  await said(app).first().hover();
  await said(app).first().getByTestId('edit').click();
  const edit = page.getByTestId('edit-message');
  await expect(edit).toContainText('Sets aside 3 later messages');
  await app.screenshot('edit-and-resend');
  await expectAccessible(app);
  await edit.getByRole('textbox').fill('/echo anew');
  await page.keyboard.press('Enter');
  await expect(said(app)).toHaveText(['/echo anew']);
  await expect(answers(app)).toContainText(['anew']);
  await expect(page.getByTestId('versions')).toHaveText(/1 earlier version/);

  await page.getByTestId('versions').click();
  await app.screenshot('versions-menu');
  await expectAccessible(app);
  await page.getByTestId('version').click();
  await expect(said(app)).toHaveText(['/echo first', '/echo second']);
  await page.getByTestId('versions').first().click();
  await page.getByTestId('version').first().click();
  await expect(said(app)).toHaveText(['/echo anew']);
  // A reload shows what was chosen last.
  await page.reload();
  await expect(said(app)).toHaveText(['/echo anew']);
});

test('[E8-28] Escape leaves a message as it was, and the arrow key in an empty composer edits the last one', async ({
  app,
}) => {
  const { page } = app;
  await send(app, '/echo first');
  await expect(answers(app)).toHaveAttribute('data-state', 'done');
  await page.keyboard.press('ArrowUp');
  const edit = page.getByTestId('edit-message');
  await expect(edit.getByRole('textbox')).toHaveValue('/echo first');
  await page.keyboard.type(' changed');
  await page.keyboard.press('Escape');
  await expect(said(app)).toHaveText(['/echo first']);
  await expect(answers(app)).toHaveCount(1);
});

test('[E8-28] an answer is made again by somebody else, and the one before is kept', async ({ app }) => {
  const { page } = app;
  const profile = await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await page.reload();
  await send(app, '/echo by the demo');
  await page.getByTestId('regenerate-with').click();
  await page.getByRole('radio', { name: /fake/ }).click();
  await page.getByRole('combobox', { name: 'Model' }).fill('fake-2');
  await app.screenshot('regenerate-menu');
  await expectAccessible(app);
  await page.getByTestId('regenerate-go').click();
  await expect(answers(app)).toContainText(['You said: /echo by the demo']);
  await expect(said(app)).toHaveCount(1);
  await expect(page.getByTestId('versions')).toBeVisible();
});

test('[E8-28] a fork holds everything up to its message and leaves the conversation as it was', async ({ app }) => {
  const { page } = app;
  await send(app, '/echo first');
  await send(app, '/echo second');
  await answers(app).first().hover();
  await answers(app).first().getByTestId('fork').click();
  await expect(said(app)).toHaveText(['/echo first']);
  await expect(page.getByTestId('session-item')).toHaveCount(2);
  await send(app, '/echo another way');
  await expect(said(app)).toHaveText(['/echo first', '/echo another way']);
  const { sessions } = await app.request('sessions.list', {});
  expect(sessions.map((session) => session.messageCount).sort()).toEqual([4, 4]);
});

test('[decision 20] commands are offered, completed and answered; what is none is sent as text', async ({ app }) => {
  const { page } = app;
  await send(app, '/echo first');
  const input = page.getByTestId('composer-input');
  await input.pressSequentially('/t');
  await expect(page.getByTestId('slash-menu').getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(input).toHaveValue('/title ');
  await page.keyboard.type('A better name');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('command-line')).toContainText('/title');
  await expect(page.getByRole('heading', { name: 'A better name' })).toBeVisible();
  await expect(said(app)).toHaveCount(1);

  await input.pressSequentially('/');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await app.screenshot('slash-menu');
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await input.fill('');
  await send(app, '/nothing of the kind');
  await expect(said(app).last()).toHaveText('/nothing of the kind');
});

test('[E8-28] a message that is written anew while an answer is written takes its place in the same way', async ({
  app,
}) => {
  const { page } = app;
  await page.getByTestId('composer-input').fill('/slow');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('live-line')).toContainText('Writing');
  await said(app).hover();
  await said(app).getByTestId('edit').click();
  await page.getByTestId('edit-message').getByRole('textbox').fill('/echo instead');
  await page.keyboard.press('Enter');
  await expect(said(app)).toHaveText(['/echo instead']);
  await expect(answers(app)).toContainText(['instead']);
});

test('[E2-08] a tool call whose particulars come late has them in its fold', async ({ app }) => {
  const { page } = app;
  await send(app, '/details');
  const row = page.getByTestId('tool-row');
  await row.locator('summary').click();
  await expect(row).not.toContainText('Not provided');
});

test('[E8-28] a message is deleted with its answer once that is confirmed, and stays away', async ({ app }) => {
  const { page } = app;
  await send(app, '/echo first');
  await send(app, '/echo second');
  await said(app).first().hover();
  await said(app).first().getByTestId('delete-turn').click();
  await app.screenshot('delete-turn');
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await expect(said(app)).toHaveCount(2);
  await said(app).first().hover();
  await said(app).first().getByTestId('delete-turn').click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(said(app)).toHaveText(['/echo second']);
  await expect(answers(app)).toHaveCount(1);
  await page.reload();
  await expect(said(app)).toHaveText(['/echo second']);
  const { hits } = await app.request('sessions.search', { query: 'first', limit: 5 });
  expect(hits.filter((hit) => hit.messageId !== null)).toEqual([]);
});

test('[E8-28] what is selected in an answer is quoted, else all of it, and what was typed stays', async ({ app }) => {
  const { page } = app;
  await send(app, '/echo one two three');
  await page.getByTestId('composer-input').fill('typed before');
  await answers(app).hover();
  await answers(app).getByTestId('quote').click();
  const input = page.getByTestId('composer-input');
  await expect(input).toBeFocused();
  await expect(input).toHaveValue(/^typed before\n\n> .*one two three/);
  await input.fill('');
  await answers(app)
    .getByText('one two three')
    .first()
    .evaluate((element) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      const node = walker.nextNode();
      const from = node?.nodeValue?.indexOf('two') ?? -1;
      if (node === null || from < 0) throw new Error('The answer does not say it.');
      document.getSelection()?.setBaseAndExtent(node, from, node, from + 3);
    });
  await answers(app).getByTestId('quote').click();
  await expect(input).toHaveValue('> two\n\n');
});
