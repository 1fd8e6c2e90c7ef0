import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { answer, finish, text, waitForRelease } from './fake-upstream/script.ts';

async function useFake(app: SluiceApp, defaultModel = 'local-model'): Promise<void> {
  const kind = 'openai-chat';
  const profile = await app.request('profiles.create', { name: 'fake', kind, baseUrl: app.fake.url, defaultModel });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  await app.page.reload();
}

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByTestId('composer-input')).toHaveValue('');
}

/** What the upstream was asked with, request by request. */
const asked = (app: SluiceApp) =>
  app.fake
    .requestsTo('POST', '/v1/chat/completions')
    .map(({ body }) => body as Record<string, unknown>)
    .map(({ temperature, top_p, max_tokens, max_completion_tokens, reasoning_effort }) =>
      Object.fromEntries(
        Object.entries({ temperature, top_p, max_tokens, max_completion_tokens, reasoning_effort }).filter(
          ([, value]) => value !== undefined,
        ),
      ),
    );

const panel = (app: SluiceApp) => app.page.getByTestId('drawer');
const parameter = (app: SluiceApp, name: string) => app.page.getByTestId(`parameter-${name}`);

async function write(app: SluiceApp, name: string, value: string): Promise<void> {
  await parameter(app, name).fill(value);
  await parameter(app, name).press('Enter');
}

test('[E2-19] what is chosen for a conversation reaches the upstream from its first message on', async ({ app }) => {
  const { page } = app;
  await useFake(app);
  await page.getByTestId('conversation-settings').click();
  await expect(parameter(app, 'temperature')).toHaveAttribute('placeholder', 'As the model has it');
  await write(app, 'temperature', '7');
  await expect(panel(app)).toContainText('A number from 0 to 2, or nothing.');
  await app.screenshot('parameters-refused');
  await write(app, 'temperature', '0,2');
  await write(app, 'maxOutputTokens', '4,096');
  await expectAccessible(app);

  await test.step('a conversation that is yet to begin has them, and keeps them', async () => {
    await send(app, 'first');
    await expect.poll(() => asked(app)).toEqual([{ temperature: 0.2, max_tokens: 4096 }]);
    await expect(page.getByTestId('send')).toBeVisible();
    await expect(page.locator('[data-fact="temperature"]')).toContainText('temperature 0.2');
    await page.reload();
    await page.getByTestId('conversation-settings').click();
    await expect(parameter(app, 'temperature')).toHaveValue('0.2');
    await expect(parameter(app, 'maxOutputTokens')).toHaveValue('4096');
  });

  await test.step('a message that waits keeps what held when it was sent', async () => {
    app.fake.next([text('long '), waitForRelease('go'), finish()]);
    await send(app, 'second');
    await app.fake.gates.reached('go');
    await send(app, 'third');
    await expect(page.getByTestId('queue-item')).toHaveCount(1);
    await write(app, 'temperature', '1.5');
    await parameter(app, 'reasoningEffort').selectOption('high');
    await expect
      .poll(async () => (await app.request('sessions.list', {})).sessions[0]?.parameters)
      .toEqual({
        temperature: 1.5,
        maxOutputTokens: 4096,
        reasoningEffort: 'high',
      });
    app.fake.release('go');
    await expect(page.getByTestId('message-assistant')).toHaveCount(3);
    await expect(page.getByTestId('send')).toBeVisible();
    expect(asked(app).slice(1)).toEqual([
      { temperature: 0.2, max_tokens: 4096 },
      { temperature: 0.2, max_tokens: 4096 },
    ]);
  });

  await test.step('another answer to the same message is made as the conversation has it now', async () => {
    await page.getByTestId('regenerate').click();
    await expect.poll(() => asked(app).length).toBe(4);
    expect(asked(app)[3]).toEqual({ temperature: 1.5, max_tokens: 4096, reasoning_effort: 'high' });
    await expect(page.getByTestId('send')).toBeVisible();
  });

  await test.step('one button gives all of them back to the model', async () => {
    await page.getByTestId('parameters-reset').click();
    await expect(parameter(app, 'temperature')).toHaveValue('');
    await expect(page.getByTestId('parameters-reset')).toHaveCount(0);
    await send(app, 'fourth');
    await expect.poll(() => asked(app).length).toBe(5);
    expect(asked(app)[4]).toEqual({});
  });
});

test('[E2-19] what a model does not take is left out, and its answer says so', async ({ app }) => {
  const { page } = app;
  await useFake(app, 'o4-mini');
  await page.getByTestId('conversation-settings').click();
  await write(app, 'temperature', '0.2');
  await write(app, 'maxOutputTokens', '900');
  await send(app, 'hello');
  await expect(page.getByTestId('left-out')).toHaveText('1 setting not as chosen');
  expect(asked(app)).toEqual([{ max_completion_tokens: 900 }]);
  await page.getByTestId('left-out').click();
  const told = page.getByRole('dialog', { name: '1 setting not as chosen' });
  await expect(told).toContainText('Temperature');
  await expect(told).toContainText('Left out: this model refuses it.');
  await app.screenshot('parameters-left-out');
  await expectAccessible(app);
  // It stands there after a reload, too.
  await page.reload();
  await expect(page.getByTestId('left-out')).toHaveText('1 setting not as chosen');
});

test('[E2-19] [E8-28] parameters go along with a fork and with an export', async ({ app }) => {
  await useFake(app);
  const parameters = { temperature: 0.4, reasoningEffort: 'low' } as const;
  const ack = await app.request('chat.run', { session_id: 'one', input: 'hello', parameters });
  await expect.poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status).toBe('success');
  const { messages } = await app.request('sessions.page', { sessionId: 'one' });
  const fork = await app.request('sessions.fork', { sessionId: 'one', messageId: messages.at(-1)?.id ?? '' });
  expect(fork.parameters).toEqual(parameters);
  const file = await app.request('sessions.export', { sessionId: 'one', format: 'json' });
  const { session, runs } = JSON.parse(file.content) as { session: unknown; runs: unknown[] };
  expect(session).toMatchObject({ parameters });
  expect(runs[0]).toMatchObject({ parameters: { sent: parameters, leftOut: [] } });
  const refused = await app.requestResult('sessions.update', { sessionId: 'one', parameters: { temperature: 3 } });
  expect(refused).toMatchObject({ ok: false, error: { code: 'invalid_payload' } });
});

test('[E6-10] [E12] a new conversation is set up whole before its first message, and nothing of it is lost', async ({
  app,
}) => {
  test.slow();
  const { page } = app;
  await useFake(app);
  await app.request('sessions.create', { title: 'Another one' });
  const folder = join(app.dataDir, 'project');
  mkdirSync(folder);
  const field = (name: 'instructions' | 'folder') => app.page.getByTestId(`conversation-${name}`);
  const settings = () => app.page.getByTestId('conversation-settings');
  const holds = async () => {
    await expect(settings()).toHaveAttribute('data-own', 'true');
    if ((await settings().getAttribute('aria-expanded')) !== 'true') await settings().click();
    await expect(field('instructions')).toHaveValue('Answer in Latin. ');
    await expect(field('folder')).toHaveValue(folder);
    await expect(parameter(app, 'temperature')).toHaveValue('0.2');
    await expect(app.page.getByTestId('conversation-model')).toHaveText('other-model');
    await expect(app.page.getByTestId('composer-input')).toHaveValue('What is a lock?');
  };

  app.expectConsoleError(/status of 400.*check_folder/);
  await expect(settings()).toHaveAttribute('data-own', 'false');
  await settings().click();
  await field('folder').fill(join(app.dataDir, 'missing'));
  await page.keyboard.press('Enter');
  await expect(panel(app)).toContainText('cannot be read');
  await field('folder').fill(folder);
  await page.keyboard.press('Enter');
  await page.getByTestId('conversation-model').click();
  await page.getByRole('combobox', { name: 'Model' }).fill('other-model');
  await page.keyboard.press('Enter');
  await write(app, 'temperature', '0.2');
  await page.getByTestId('composer-input').fill('What is a lock?');
  // Nobody waits for what is typed last: it is kept with its letters.
  await field('instructions').fill('Answer in Latin. ');
  await app.screenshot('new-conversation-set-up');
  await expectAccessible(app);

  await test.step('it stands after a reload, and after a look at another conversation', async () => {
    await page.reload();
    await holds();
    await page.getByRole('button', { name: 'Another one' }).first().click();
    await expect(page.getByTestId('composer-input')).toHaveValue('');
    await page.getByTestId('new-chat').click();
    await holds();
    await settings().click();
    await app.page.emulateMedia({ colorScheme: 'dark' });
    await app.screenshot('new-conversation-set-up-closed');
    await expectAccessible(app);
  });

  await test.step('it comes back with the next window, and to one window only', async () => {
    if (app.host === 'electron') return;
    const second = await app.openPage();
    await expect(second.getByTestId('composer-input')).toHaveValue('');
    await second.close();
    await app.page.close();
    await app.restart();
    await holds();
  });

  await test.step('the first message goes out with all of it, and the conversation keeps it', async () => {
    await app.page.getByTestId('composer-input').press('Enter');
    await expect(app.page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
    const [sent] = app.fake.requestsTo('POST', '/v1/chat/completions').map(({ body }) => body);
    expect(sent).toMatchObject({ model: 'other-model', temperature: 0.2 });
    const told = JSON.stringify(sent);
    expect(told).toContain('Answer in Latin.');
    expect(told).toContain(`[Current working directory: ${folder}]`);
    const begun = (await app.request('sessions.list', {})).sessions.find(({ title }) => title.includes('lock'));
    expect(begun).toMatchObject({
      model: 'other-model',
      workspace: folder,
      instructions: 'Answer in Latin. ',
      parameters: { temperature: 0.2 },
    });
  });

  await test.step('the next new conversation has nothing of it', async () => {
    await app.page.getByTestId('new-chat').click();
    await expect(settings()).toHaveAttribute('data-own', 'false');
    await expect(field('instructions')).toHaveValue('');
    await expect(field('folder')).toHaveValue('');
    await expect(parameter(app, 'temperature')).toHaveValue('');
  });
});

const list = (app: SluiceApp) => app.page.locator('section[tabindex="0"]').first();
const topOf = (app: SluiceApp, words: string) =>
  list(app).evaluate((element, wanted) => {
    const message = [...element.querySelectorAll('[data-message-id]')].find((each) =>
      each.textContent?.includes(wanted),
    );
    if (message === undefined) return null;
    return Math.round(message.getBoundingClientRect().top - element.getBoundingClientRect().top);
  }, words);

test('[E12] a reader comes back to the message they were at, and is told of what came since', async ({ app }) => {
  test.slow();
  const { page } = app;
  await useFake(app);
  for (let turn = 1; turn <= 20; turn++) {
    app.fake.next([text(`Answer ${turn}.\n\n- a list\n\n${'Some words. '.repeat(60)}`), finish()]);
    const ack = await app.request('chat.run', { session_id: 'long', input: `Question ${turn} of twenty` });
    // Twenty times the tenth of a second after which a poll looks again is long.
    await expect
      .poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status, { intervals: [10] })
      .toBe('success');
  }
  await app.request('chat.run', { session_id: 'short', input: 'Something else' });
  const open = (id: string) => page.locator(`[data-session-id="${id}"] button`).first().click();
  await open('long');
  await expect(page.getByText('Question 20 of twenty')).toBeInViewport();
  await list(app).hover();
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, -600);
        return page.getByText('Question 9 of twenty').isVisible();
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  await page.getByText('Question 9 of twenty').evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await expect.poll(() => topOf(app, 'Question 9 of twenty')).not.toBeNull();
  const before = (await topOf(app, 'Question 9 of twenty')) ?? 0;
  const isBack = async () => {
    await expect(page.getByText('Question 9 of twenty')).toBeInViewport();
    await expect
      .poll(async () => Math.abs(((await topOf(app, 'Question 9 of twenty')) ?? 9999) - before))
      .toBeLessThan(4);
  };

  await open('short');
  await expect(page.getByTestId('message-user')).toHaveText(['Something else']);
  await open('long');
  await isBack();
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();

  await page.reload();
  await isBack();

  await open('short');
  const ack = await app.request('chat.run', { session_id: 'long', input: 'Question 21 of twenty' });
  await expect.poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status).toBe('success');
  await open('long');
  await isBack();
  const news = page.getByRole('button', { name: 'New answer below' });
  await expect(news).toBeVisible();
  await app.screenshot('came-back');
  await news.click();
  await expect(page.getByText('Question 21 of twenty').first()).toBeInViewport();

  // Whoever left at the end follows the end.
  await open('short');
  const last = await app.request('chat.run', { session_id: 'long', input: 'Question 22 of twenty' });
  await expect.poll(async () => (await app.request('runs.get', { runId: last.run_id })).status).toBe('success');
  await open('long');
  await expect(page.getByText('Question 22 of twenty').first()).toBeInViewport();
  await expect(page.getByRole('button', { name: /Jump to latest|New answer/ })).toHaveCount(0);
});

test('[E12] a failure is told in the language of the page, the provider’s own words as they are', async ({ app }) => {
  const { page } = app;
  await useFake(app);
  await app.request('settings.set', { values: { language: 'zh-CN' } });
  await page.reload();
  app.fake.next(answer(404, { error: { message: 'model local-model is not here', code: 'model_not_found' } }));
  await send(app, 'hello');
  const row = page.getByTestId('error-row');
  await expect(row).toContainText('“fake”不认识这个模型（404）：“model local-model is not here”。请选择另一个模型。');
  await app.screenshot('failure-zh');
  await page.reload();
  await expect(row).toContainText('“fake”不认识这个模型（404）');
  await app.request('settings.set', { values: { language: 'en' } });
  await expect(row).toContainText('“fake” does not know this model (404)');
});

test('[E8-28] tags are renamed, merged and deleted for all conversations by keyboard', async ({ app }) => {
  const { page } = app;
  for (const [sessionId, tags] of Object.entries({ a: ['Tax', 'Home'], b: ['Tax'], c: ['Money'] })) {
    await app.request('chat.run', { session_id: sessionId, input: `/echo ${sessionId}` });
    await app.request('sessions.update', { sessionId, tags });
  }
  await page.getByTestId('all-tags').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Edit tags' });
  const row = (name: string) => dialog.getByRole('textbox', { name: `Name of the tag ${name}` });
  await expect(dialog.getByTestId('tag-row')).toHaveCount(3);
  // A window that becomes narrow takes the list away, and not what is being done in a dialog of it.
  await page.setViewportSize({ width: 600, height: 800 });
  await expect(dialog.getByTestId('tag-row')).toHaveCount(3);
  await page.setViewportSize({ width: 1280, height: 800 });
  await app.screenshot('all-tags');
  await expectAccessible(app);

  await row('Home').fill('Family');
  await page.keyboard.press('Enter');
  await expect(row('Family')).toBeFocused();

  await row('Tax').fill('money');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('“Money” is there already.');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog.getByTestId('tag-row')).toHaveCount(2);
  await expect(dialog).toContainText('3 conversations');
  await expect(row('Money')).toBeFocused();

  const remove = dialog.getByRole('button', { name: 'Delete the tag Family' });
  await remove.focus();
  for (const no of ['Enter', 'Escape']) {
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press(no);
    await expect(dialog.getByRole('alert')).toHaveCount(0);
    await expect(remove).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('Take “Family” off 1 conversation?');
  await app.screenshot('all-tags-asks');
  await expectAccessible(app);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog.getByTestId('tag-row')).toHaveCount(1);
  await expect(row('Money')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  const { sessions } = await app.request('sessions.list', {});
  expect(sessions.map(({ tags }) => tags)).toEqual([['Money'], ['Money'], ['Money']]);
  await expect(page.getByRole('group', { name: 'Filter by tag' }).getByRole('button')).toHaveText(['Money', '']);
});
