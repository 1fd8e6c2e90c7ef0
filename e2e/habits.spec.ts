import type { Locator } from '@playwright/test';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { answers, composer, said, send } from './conversation-page.ts';
import { expectAccessible } from './expect-accessible.ts';
import { finish, rateLimited, text } from './fake-upstream/script.ts';

// What somebody who writes here all day stumbles over.

async function connect(app: SluiceApp): Promise<void> {
  const made = { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'm' } as const;
  const profile = await app.request('profiles.create', made);
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  await app.page.reload();
}

/** The Escape that gives a composition up. */
const escapeOfInputMethod = (field: Locator) =>
  field.evaluate((element) => {
    const init = { key: 'Escape', isComposing: true, bubbles: true, cancelable: true };
    return element.dispatchEvent(new KeyboardEvent('keydown', init));
  });

/** The Enter that ends a composition as Safari tells of it: no longer composing, and its code is an input method's. */
const enterOfInputMethod = (field: Locator) =>
  field.evaluate((element) => {
    const init = { key: 'Enter', keyCode: 229, isComposing: false, bubbles: true, cancelable: true };
    return element.dispatchEvent(new KeyboardEvent('keydown', init));
  });

const lastModel = (app: SluiceApp) =>
  (app.fake.requestsTo('POST', '/v1/chat/completions').at(-1)?.body as { model?: string } | undefined)?.model;

test('[E2-19] a model that was picked and not used yet is there after a reload, and in every window', async ({
  app,
}) => {
  await connect(app);
  const { page } = app;
  await send(page, 'Hello');
  await page.getByTestId('profile-picker').click();
  await page.getByRole('combobox', { name: 'Model' }).fill('picked-model');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('profile-picker')).toContainText('picked-model');
  await expect.poll(async () => (await app.request('sessions.list', {})).sessions[0]?.model).toBe('picked-model');
  await page.reload();
  await expect(page.getByTestId('profile-picker')).toContainText('picked-model');
  await send(page, 'Again');
  expect(lastModel(app)).toBe('picked-model');

  await test.step('the panel has the same list, and the profile’s own comes back', async () => {
    await page.getByTestId('conversation-settings').click();
    await expect(page.getByTestId('conversation-model')).toHaveText('picked-model');
    await page.getByTestId('conversation-model').click();
    await expect(page.getByTestId('combo-row').first()).toContainText('own');
    await app.screenshot('panel-models');
    await expectAccessible(app);
    await page.getByTestId('combo-row').first().click();
    await expect(page.getByTestId('profile-picker')).toContainText('fake · m');
    await send(page, 'Once more');
    expect(lastModel(app)).toBe('m');
  });
});

test('[E4-10] an Enter and an Escape that belong to an input method send, rename, find and close nothing', async ({
  app,
}) => {
  await connect(app);
  const { page } = app;
  await send(page, 'first');
  await composer(page).fill('ni hao');
  expect(await enterOfInputMethod(composer(page))).toBe(true);
  await expect(composer(page)).toHaveValue('ni hao');
  await page.getByRole('button', { name: 'Edit', exact: false }).first().click({ force: true });
  const edit = page.getByTestId('edit-message').locator('textarea');
  await edit.fill('other');
  await enterOfInputMethod(edit);
  await expect(edit).toHaveValue('other');
  await edit.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByTestId('palette-input').fill('settings');
  await enterOfInputMethod(page.getByTestId('palette-input'));
  await expect(page.getByTestId('palette')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(said(page)).toHaveText(['first']);
  expect(app.fake.requestsTo('POST', '/v1/chat/completions')).toHaveLength(1);

  await page.getByTestId('conversation-settings').click();
  await page.getByTestId('conversation-instructions').focus();
  await escapeOfInputMethod(page.getByTestId('conversation-instructions'));
  await expect(page.getByTestId('conversation-instructions')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('drawer')).toHaveCount(0);
  await page.getByTestId('profile-picker').click();
  const model = page.getByRole('combobox', { name: 'Model' });
  await escapeOfInputMethod(model);
  await expect(model).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(model).toHaveCount(0);
});

test('[E12] a conversation that is deleted elsewhere says why a new chat is there; one deleted here leaves no draft', async ({
  app,
}) => {
  await connect(app);
  // What the page was asking as somebody else deleted the conversation has no answer any more.
  app.expectConsoleError(/404.*\/sessions\.(context|get)\)/);
  const { page } = app;
  await send(page, 'first');
  const [session] = (await app.request('sessions.list', {})).sessions;
  await app.request('sessions.rename', { sessionId: session?.id ?? '', title: 'Holiday plans' });
  await composer(page).fill('half a thought');
  await app.request('sessions.delete', { sessionId: session?.id ?? '' });
  const note = page.getByTestId('gone-note');
  await expect(note).toContainText('“Holiday plans” was deleted elsewhere.');
  await expect(note).toContainText('with what you were writing');
  await expect(composer(page)).toHaveValue('half a thought');
  await app.screenshot('deleted-elsewhere');
  await expectAccessible(app);
  await composer(page).fill('');
  await send(page, 'second');
  await expect(note).toBeEmpty();

  await composer(page).fill('to be given up');
  await page.getByTestId('session-item').first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(said(page)).toHaveCount(0);
  await expect(composer(page)).toHaveValue('');
  await expect(note).toBeEmpty();
});

test('[E12] a limit counts down to its end, and then says that it can be tried now', async ({ app }) => {
  await connect(app);
  const { page } = app;
  await page.clock.install();
  app.fake.next(rateLimited('75'));
  await composer(page).fill('Hello');
  await page.keyboard.press('Enter');
  const row = page.getByTestId('error-row');
  await expect(page.getByTestId('counted')).toBeVisible();
  const left = async () => Number(/(\d+) s/.exec(await page.getByTestId('counted').innerText())?.[1]);
  const before = await left();
  expect(before).toBeGreaterThan(10);
  await app.screenshot('limit-counts');
  await expectAccessible(app);
  await page.clock.runFor(10_000);
  expect(await left()).toBeLessThan(before - 7);
  await page.clock.runFor(90_000);
  await expect(row).toContainText('now.');
  await expect(page.getByTestId('counted')).toHaveCount(0);
});

test('[E6-07] an answer is copied as plain text beside Markdown', async ({ app }) => {
  test.skip(app.host === 'electron', 'Permissions are granted to a browser.');
  await connect(app);
  const { page } = app;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const answer = '# Two **things**\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |';
  app.fake.next([text(answer), finish()]);
  await send(page, 'Hello');
  await page.getByTestId('copy-as').click();
  await app.screenshot('copy-as');
  await expectAccessible(app);
  await page.getByRole('menuitem', { name: 'Copy as plain text' }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toBe('Two things\n\n• one\n• two\n\na\tb\n1\t2');
  await page.getByTestId('copy-as').click();
  await page.getByRole('menuitem', { name: 'Copy as Markdown' }).click();
  await expect.poll(copied).toBe(answer);
});

test('[E6-07] on paper stands the whole conversation, light and wrapped, and nothing that is pressed', async ({
  app,
}) => {
  test.slow();
  await connect(app);
  const { page } = app;
  await app.request('settings.set', { values: { theme: 'dark' } });
  const code = `\`\`\`js\nconst wide = '${'wide '.repeat(60)}';\n\`\`\``;
  const rich = `${code}\n\nA note.[^1]\n\n[^1]: What it says.\n\n\`\`\`mermaid\nflowchart LR\n  A --> B\n\`\`\``;
  for (let at = 0; at < 14; at++) {
    app.fake.next([text(`Answer ${at}.\n\n${'Some words of it. '.repeat(160)}\n\n${at === 0 ? rich : ''}`), finish()]);
    const ack = await app.request('chat.run', { session_id: 'paper', input: `Question ${at}` });
    await expect.poll(async () => (await app.request('runs.get', { runId: ack.run_id })).status).toBe('success');
  }
  await page.reload();
  await page.getByTestId('session-item').first().click();
  await expect(said(page).last()).toHaveText('Question 13');
  const drawn = await said(page).count();
  expect(drawn).toBeLessThan(14);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect(said(page)).toHaveCount(14);
  // A footnote keeps its mark, and what was drawn for a dark page is turned round.
  await expect(answers(page).first().locator('sup').first()).toContainText('1');
  await expect(answers(page).first().getByRole('button', { name: 'Note 1' })).not.toHaveCSS('display', 'none');
  await expect(page.getByTestId('diagram').locator('iframe')).toHaveCSS('filter', /invert/);
  await expect(composer(page)).toBeHidden();
  await expect(page.getByTestId('new-chat')).toBeHidden();
  await expect(page.getByTestId('profile-picker')).toBeHidden();
  expect(await page.locator('button:visible:not(sup *)').count()).toBe(0);
  const looks = await page.evaluate(() => {
    const pre = document.querySelector('pre');
    const list = document.querySelector('[data-print]');
    return {
      scheme: getComputedStyle(document.documentElement).colorScheme,
      isCut: pre === null || pre.scrollWidth > pre.clientWidth + 1,
      listIsCut: list === null || list.scrollHeight > list.clientHeight + 1,
      pageIsCut: getComputedStyle(document.body).overflow !== 'visible',
    };
  });
  expect(looks).toEqual({ scheme: 'light', isCut: false, listIsCut: false, pageIsCut: false });
  await app.screenshot('on-paper');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: null });
  await expect.poll(() => said(page).count()).toBeLessThan(14);
  await expect(said(page).last()).toBeVisible();
});
