import type { Page } from '@playwright/test';
import { expect, test } from './app.fixture.ts';
import { expectAccessibleInBothThemes } from './expect-accessible.ts';

async function send(page: Page, message: string): Promise<void> {
  await page.getByTestId('composer-input').fill(message);
  await page.keyboard.press('Enter');
}

test('[E9-01] a newcomer gets an answer from the demo without a key', async ({ app }) => {
  const { page } = app;
  await expect(page.getByTestId('first-run')).toBeVisible();
  await app.screenshot('first-run');
  await page.getByTestId('composer-input').fill('Hello');
  await page.getByTestId('start-demo').click();
  await expect(page.getByTestId('message-assistant')).toContainText('demo');
  await expect(page.getByTestId('send')).toBeVisible();
  await app.screenshot('demo-answer');
});

test('[E2-06] [E2-07] thinking is shown apart from the answer and folded', async ({ app }) => {
  await send(app.page, '/think about it');
  await expect(app.page.getByTestId('reasoning')).toContainText('Thought for');
  await expect(app.page.getByTestId('send')).toBeVisible();
  await app.page.getByTestId('reasoning').locator('summary').click();
  await app.screenshot('reasoning-open');
});

test('[E2-08] [E2-10] tool calls are rows with their arguments and output', async ({ app }) => {
  await send(app.page, '/tools');
  await expect(app.page.getByTestId('tool-row')).toHaveCount(2);
  await expect(app.page.getByTestId('tool-row').first()).toContainText('Done');
  await expect(app.page.getByTestId('send')).toBeVisible();
  await app.page.getByTestId('tool-row').first().locator('summary').click();
  await expect(app.page.getByTestId('tool-row').first()).toContainText('Arguments');
  await app.screenshot('tools-open');
});

test('[E2-16] an approval waits for the person and goes on with the answer', async ({ app }) => {
  await send(app.page, '/approve');
  await expect(app.page.getByTestId('approval')).toBeVisible();
  await app.screenshot('approval');
  await app.page.getByTestId('approval').getByRole('button', { name: 'Allow once' }).click();
  await expect(app.page.getByTestId('approval')).toHaveCount(0);
  await expect(app.page.getByTestId('send')).toBeVisible();
});

test('[E4-10] the whole of it by keyboard: Enter sends, Enter queues, Escape stops', async ({ app }) => {
  const { page } = app;
  await send(page, '/slow');
  await expect(page.getByTestId('message-assistant')).not.toBeEmpty();
  await send(page, '/echo after the stop');
  await expect(page.getByTestId('queue-item')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('message-assistant').last()).toContainText('after the stop');
  await page.keyboard.type('two');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('lines');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-user').last()).toHaveText(/two\s+lines/);
});

test('[E4-02] [E4-10] Stop in the middle of a slow answer keeps what has arrived', async ({ app }) => {
  const { page } = app;
  await send(page, '/slow');
  await expect(page.getByTestId('live-line')).toContainText('Writing');
  await app.screenshot('streaming');
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('interrupted-row')).toContainText('Stopped');
  await expect(page.getByTestId('message-assistant')).not.toBeEmpty();
});

for (const kind of ['auth', 'rate', 'overload', 'server', 'cut'] as const) {
  test(`[E2-12] a failure (${kind}) says in words what happened`, async ({ app }) => {
    await send(app.page, `/fail ${kind}`);
    await expect(app.page.getByTestId('error-row')).toContainText(/[A-Z].{20,}/);
    await expect(app.page.getByTestId('send')).toBeVisible();
  });
}

test('a draft survives a reload', async ({ app }) => {
  await app.page.getByTestId('composer-input').fill('Not sent yet');
  await app.page.reload();
  await expect(app.page.getByTestId('composer-input')).toHaveValue('Not sent yet');
});

test('[E10-02] a key is entered once and never shown again', async ({ app }) => {
  const { page } = app;
  const secret = 'sk-canary-0123456789-abcdefghij';
  await page.getByTestId('nav-credentials').click();
  await page.getByTestId('add-profile').click();
  await page.getByTestId('connect-key').fill(secret);
  await page
    .getByTestId('connect-form')
    .getByLabel(/address/i)
    .fill('http://127.0.0.1:9');
  await page.getByTestId('connect-save').click();
  await expect(page.getByTestId('key-card')).toContainText('sk-c…ghij');
  await expect(page.getByTestId('secrets-note')).toContainText('memory');
  expect(await page.content()).not.toContain(secret);
  expect(JSON.stringify(await app.request('credentials.list', {}))).not.toContain(secret);
  await app.screenshot('credentials');
});

test('the pages are accessible and in order (both themes, 1280 and 600 px)', async ({ app }) => {
  const { page } = app;
  const look = async (name: string) => {
    for (const width of [1280, 600]) {
      await page.setViewportSize({ width, height: 800 });
      await test.step(`${name}, ${width} px`, () => expectAccessibleInBothThemes(app, `${name}-THEME-${width}`));
    }
  };
  await send(page, '/markdown');
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
  await send(page, '/tools');
  await expect(page.getByTestId('tool-row')).toHaveCount(2);
  await expect(page.getByTestId('message-assistant').nth(1)).toHaveAttribute('data-state', 'done');
  await send(page, '/slow');
  await expect(page.getByTestId('stop')).toBeVisible();
  await send(page, 'The next question waits');
  await expect(page.getByTestId('queue-item')).toHaveCount(1);
  await look('chat');
  // It is still being written.
  await expect(page.getByTestId('queue-item')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.getByTestId('nav-credentials').click();
  await look('credentials');
  await page.getByTestId('nav-settings').click();
  await look('settings');
});

test('[E1-01] what is typed the moment the page stands is not lost', async ({ app }) => {
  await app.page.reload();
  await app.page.keyboard.type('Typed at once');
  await expect(app.page.getByTestId('composer-input')).toHaveValue('Typed at once');
});
