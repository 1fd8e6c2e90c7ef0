import { expect, type SluiceApp, test } from './app.fixture.ts';
import { answers, composer, said, send } from './conversation-page.ts';
import { finish, text, waitForRelease } from './fake-upstream/script.ts';

// What was typed, selected or said stays: by undo, over a reload, in two windows, and while an answer grows.

async function connect(app: SluiceApp): Promise<void> {
  const made = { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'm' } as const;
  await app.request('profiles.create', made);
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  await app.page.reload();
}

test('[E6-07] what is selected in an answer stays selected while the answer grows by many blocks', async ({ app }) => {
  await connect(app);
  const { page } = app;
  app.fake.next([
    text('First of *all*.\n\nThen the second.\n\n'),
    waitForRelease('more'),
    text(`${'A paragraph.\n\n'.repeat(40)}The end.`),
    finish(),
  ]);
  await composer(page).fill('Go');
  await page.keyboard.press('Enter');
  await expect(answers(page).locator('em')).toHaveText('all');
  await expect(answers(page)).toContainText('Then the second.');
  const selected = () => page.evaluate(() => document.getSelection()?.toString() ?? '');
  await answers(page).evaluate((answer) => {
    const [first, second] = answer.querySelectorAll('p');
    document.getSelection()?.setBaseAndExtent(first?.firstChild as Node, 6, second?.firstChild as Node, 4);
  });
  const before = await selected();
  expect(before).toContain('of all.');
  app.fake.release('more');
  await expect(answers(page)).toHaveAttribute('data-state', 'done');
  await expect(answers(page)).toContainText('The end.');
  expect(await selected()).toBe(before);
});

test('[E2-12] an answer that reached its longest length says so and goes on; one that a filter ended says that', async ({
  app,
}) => {
  await connect(app);
  const { page } = app;
  const row = page.getByTestId('interrupted-row');
  app.fake.next([text('It begins and'), finish({ reason: 'length' })]);
  await composer(page).fill('Write');
  await page.keyboard.press('Enter');
  await expect(row).toContainText('Cut off');
  await app.screenshot('answer-cut-at-length');
  app.fake.next([text('it ends.'), finish()]);
  await row.getByRole('button', { name: 'Continue' }).click();
  await expect(answers(page).last()).toContainText('it ends.');
  await expect(page.getByTestId('send')).toBeVisible();
  await page.reload();
  await expect(row).toContainText('Cut off');
  app.fake.next([text('No'), finish({ reason: 'content_filter' })]);
  await composer(page).fill('Write');
  await page.keyboard.press('Enter');
  await expect(row.last()).toContainText('Ended by a filter');
  await expect(row.last().getByRole('button')).toHaveText(['Retry']);
});

test('[E6-07] a selection is copied without buttons, with each formula as TeX; a table as Markdown and as cells', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'The clipboard of the system is not the test’s to read.');
  await connect(app);
  const { page } = app;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const table = '| A | B |\n| --- | ---: |\n| 1 | `x` |';
  app.fake.next([text(`Mass is $E=mc^2$.\n\n${table}\n\n\`\`\`js\nlet a = 1;\n\`\`\`\n\nLast.`), finish()]);
  await send(page, 'Tell');
  await expect(page.getByTestId('math').locator('.katex')).toBeVisible();
  const clipboard = (type: string) =>
    page.evaluate(async (kind) => {
      const [item] = await navigator.clipboard.read();
      return (await item?.getType(kind))?.text() ?? '';
    }, type);
  await answers(page).evaluate((answer) => {
    document.getSelection()?.selectAllChildren(answer.querySelector('[data-answer-text]') as Node);
  });
  await page.keyboard.press('ControlOrMeta+c');
  expect((await clipboard('text/plain')).split(/\n+/)).toEqual([
    'Mass is $E=mc^2$.',
    'A\tB',
    '1\tx',
    'let a = 1;',
    'Last.',
  ]);
  const html = await clipboard('text/html');
  expect(html).toContain('<td>1</td>');
  expect(html).not.toMatch(/class=|style="[^"]*color|Wrap lines/);

  // Quoted, a formula is there once as well.
  await answers(page).hover();
  await answers(page).getByTestId('quote').click();
  await expect(composer(page)).toHaveValue(/^> Mass is \$E=mc\^2\$\.\n/);

  await page.getByTestId('copy-table').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('copy-table')).toHaveAttribute('aria-label', 'Copied');
  expect(await clipboard('text/plain')).toBe(table);
  expect(await clipboard('text/html')).toContain('<td>1</td>');
});

test('[E12] what is quoted into the composer is undone, and so is what was typed before', async ({ app }) => {
  const { page } = app;
  await send(page, '/echo words');
  await composer(page).pressSequentially('Mine');
  await answers(page).hover();
  await answers(page).getByTestId('quote').click();
  await expect(composer(page)).toHaveValue(/^Mine\n\n> /);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(composer(page)).toHaveValue('Mine');
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect(composer(page)).toHaveValue(/^Mine\n\n> /);
  await page.reload();
  await expect(composer(page)).toHaveValue(/^Mine\n\n> /);
});

test('[E8-28] an edit that was not sent is there after Escape, another conversation and a reload', async ({ app }) => {
  const { page } = app;
  await app.request('sessions.create', { title: 'Another one' });
  await send(page, '/echo first');
  const edit = page.getByTestId('edit-message').getByRole('textbox');
  await page.keyboard.press('ArrowUp');
  await edit.fill('/echo with care');
  await page.reload();
  await expect(edit).toHaveValue('/echo with care');
  await page.getByTestId('session-item').filter({ hasText: 'Another one' }).click();
  await expect(edit).toHaveCount(0);
  await page.getByTestId('session-item').filter({ hasText: 'first' }).click();
  await expect(edit).toHaveValue('/echo with care');
  await edit.press('Escape');
  // The keyboard is where one goes on writing.
  await expect(composer(page)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(edit).toHaveValue('/echo with care');
  await page.getByRole('button', { name: 'As it was sent' }).click();
  await expect(edit).toHaveValue('/echo first');
  await edit.fill('/echo second');
  await page.keyboard.press('Enter');
  await expect(said(page)).toHaveText(['/echo second']);
  await page.reload();
  await expect(said(page)).toHaveText(['/echo second']);
  await expect(edit).toHaveCount(0);
});

test('[E1-04] a conversation in two windows has one draft, and one that is deleted leaves its draft to the new one', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'The desktop application has one window.');
  const { page } = app;
  await send(page, '/echo first');
  const [session] = (await app.request('sessions.list', {})).sessions;
  const other = await app.openPage();
  await other.getByTestId('session-item').first().click();
  await expect(said(other)).toHaveText(['/echo first']);
  await composer(page).fill('/echo once');
  await expect(composer(other)).toHaveValue('/echo once');
  await composer(other).press('Enter');
  await expect(said(page)).toHaveText(['/echo first', '/echo once']);
  // Enter here would send it again.
  await expect(composer(page)).toHaveValue('');

  await composer(page).fill('half a thought');
  await expect(composer(other)).toHaveValue('half a thought');
  // What is typed is counted a moment later, of a conversation that may be gone by then.
  app.expectConsoleError(/404 .*sessions\.context/);
  await app.request('sessions.delete', { sessionId: session?.id ?? '' });
  await expect(said(page)).toHaveCount(0);
  await expect(composer(page)).toHaveValue('half a thought');
  const kept = await page.evaluate(
    (id) => Object.keys(localStorage).filter((key) => key.includes(id)),
    session?.id ?? '',
  );
  expect(kept).toEqual([]);
});
