import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { answer } from './fake-upstream/script.ts';

const item = (app: SluiceApp, text: string) => app.page.getByTestId('queue-item').filter({ hasText: text });
const texts = (app: SluiceApp) => app.page.getByTestId('queue-item').locator('[title]').filter({ hasText: /./ });

async function send(app: SluiceApp, message: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(message);
  await app.page.keyboard.press('Enter');
}

/** An answer that takes a minute, and messages behind it. */
async function fill(app: SluiceApp, messages: readonly string[]): Promise<void> {
  await send(app, '/slow');
  await expect(app.page.getByTestId('live-line')).toContainText('Writing');
  for (const message of messages) {
    await send(app, message);
    await expect(item(app, message)).toBeVisible();
  }
}

/** The waiting messages in their order, as the core has them. */
async function order(app: SluiceApp): Promise<string[]> {
  const { sessions } = await app.request('sessions.list', {});
  const resumed = await app.request('chat.resume', { session_id: sessions[0]?.id ?? '' });
  return resumed.queueMessages.map((message) => message.content);
}

const FIVE = ['/echo one', '/echo two', '/echo three', '/echo four', '/echo five'];

test('[E3-06] waiting messages are moved by their grip and by the keyboard', async ({ app }) => {
  await fill(app, FIVE);
  const { page } = app;
  const grip = item(app, 'five').getByTestId('queue-grip');
  const from = await grip.boundingBox();
  const target = await item(app, 'two').boundingBox();
  if (from === null || target === null) throw new Error('The queue is not drawn.');
  await page.mouse.move(from.x + 8, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, target.y + 20, { steps: 4 });
  await page.mouse.move(from.x + 8, target.y + 4, { steps: 4 });
  await app.screenshot('queue-dragged');
  await page.mouse.up();
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo five', '/echo two', '/echo three', '/echo four']);

  await item(app, 'four').getByTestId('queue-grip').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo five', '/echo two', '/echo four', '/echo three']);
  // The focus went with the message, so the next press moves the same one.
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo five', '/echo four', '/echo two', '/echo three']);
  await expect(page.getByText('Moved to place 3 of 5')).toBeAttached();
});

test('[E3-06] a first Escape ends a drag and stops no answer', async ({ app }) => {
  await fill(app, FIVE.slice(0, 2));
  const { page } = app;
  const box = await item(app, 'two').getByTestId('queue-grip').boundingBox();
  if (box === null) throw new Error('The queue is not drawn.');
  await page.mouse.move(box.x + 8, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + 8, box.y - 40, { steps: 4 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(page.getByTestId('stop')).toHaveText('Stop');
  expect(await order(app)).toEqual(['/echo one', '/echo two']);
});

test('[E3-06] a waiting message is edited in place, and the arrow key reaches it from the composer', async ({
  app,
}) => {
  await fill(app, FIVE.slice(0, 2));
  const { page } = app;
  await item(app, 'one').getByTestId('queue-edit').click();
  await page.getByTestId('queue-edit-input').fill('/echo changed');
  await app.screenshot('queue-edit');
  await expectAccessible(app);
  await page.keyboard.press('Enter');
  await expect.poll(() => order(app)).toEqual(['/echo changed', '/echo two']);

  await page.getByTestId('composer-input').focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('queue-edit-input')).toHaveValue('/echo two');
  await page.keyboard.type(' and more');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('queue-edit-input')).toHaveCount(0);
  await expect(page.getByTestId('stop')).toHaveText('Stop');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  expect(await order(app)).toEqual(['/echo changed', '/echo two']);
});

test('[E3-06] a message that goes out while it is edited says so, and what was changed in it is kept', async ({
  app,
}) => {
  await fill(app, FIVE.slice(0, 1));
  const { page } = app;
  await item(app, 'one').getByTestId('queue-edit').click();
  await page.getByTestId('queue-edit-input').fill('/echo one, but better');
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('queue-overtaken')).toBeVisible();
  await expect(page.getByTestId('composer-input')).toHaveValue('/echo one, but better');
  await expect(page.getByTestId('message-user').last()).toHaveText('/echo one');
});

test('[E3-06] a removed message comes back to its place, and otherwise stays away', async ({ app }) => {
  await fill(app, FIVE.slice(0, 3));
  const { page } = app;
  await item(app, 'two').getByTestId('queue-remove').click();
  await expect(page.getByTestId('queue-removed')).toContainText('/echo two');
  await page.getByTestId('queue-undo').hover();
  await expectAccessible(app);
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo three']);
  await page.getByTestId('queue-undo').click();
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo two', '/echo three']);

  // By keyboard, which is never left on a button that went with what it did.
  await page.getByTestId('queue-clear').press('Enter');
  await expect(page.getByTestId('queue-item')).toHaveCount(0);
  await expect.poll(() => order(app)).toEqual([]);
  await expect(page.getByTestId('queue-undo')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo two', '/echo three']);
  await expect(page.getByTestId('composer-input')).toBeFocused();
});

test('[E3-06] in a paused queue nothing is taken away before the time to undo is over', async ({ app }) => {
  await fill(app, FIVE.slice(0, 3));
  const { page } = app;
  await page.getByTestId('pause-queue').press('Enter');
  await expect(page.getByTestId('queue-panel')).toHaveAttribute('data-paused', 'user');
  await expect(page.getByTestId('resume-queue')).toBeFocused();
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('send')).toBeVisible();
  await expect(page.getByTestId('queue-item')).toHaveCount(3);
  await item(app, 'two').getByTestId('queue-remove').click();
  await expect(page.getByTestId('queue-item')).toHaveCount(2);
  expect(await order(app)).toHaveLength(3);
  await page.getByTestId('queue-undo').click();
  await expect(page.getByTestId('queue-item')).toHaveCount(3);

  // Letting the queue go on ends the time to undo first: what was removed does not go out.
  await item(app, 'one').getByTestId('queue-remove').press('Enter');
  await expect(page.getByTestId('queue-undo')).toBeFocused();
  await page.getByTestId('resume-queue').press('Enter');
  await expect(page.getByTestId('queue-panel')).toHaveCount(0);
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await expect(page.getByTestId('message-user')).toHaveText(['/slow', '/echo two', '/echo three']);
});

test('[E3-06] a removal belongs to its own conversation, also when the reader leaves it', async ({ app }) => {
  await fill(app, FIVE.slice(0, 2));
  const { page } = app;
  await page.getByTestId('pause-queue').click();
  await item(app, 'one').getByTestId('queue-remove').click();
  expect(await order(app)).toHaveLength(2);
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect(page.getByTestId('queue-panel')).toHaveCount(0);
  await expect.poll(() => order(app)).toEqual(['/echo two']);
});

test('[E3-06] a message that could not be taken away stands in the queue again, and Undo sends none twice', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'A window ends with its host.');
  await fill(app, FIVE.slice(0, 3));
  const { page } = app;
  await app.kill();
  await expect(page.getByText('out of reach')).toBeVisible();
  // What nobody hears of neither counts nor flows.
  await expect(page.getByTestId('live-line')).toHaveAttribute('data-live', 'unheard');
  await item(app, 'one').getByTestId('queue-remove').click();
  await expect(page.getByTestId('queue-item')).toHaveCount(2);
  await item(app, 'two').getByTestId('queue-remove').click();
  await page.getByTestId('queue-undo').click();
  await expect(page.getByTestId('queue-panel')).toContainText('The core of Sluice did not answer');
  await expect(page.getByTestId('queue-item')).toHaveCount(3);
  await expect(page.getByTestId('queue-undo')).toHaveCount(0);
  await app.start({ keepPage: true });
  await expect(page.getByTestId('resume-queue')).toBeVisible();
  await expect.poll(() => order(app)).toEqual(['/echo one', '/echo two', '/echo three']);
  await page.getByTestId('resume-queue').click();
  await expect(page.getByTestId('message-user')).toHaveText(['/slow', '/echo one', '/echo two', '/echo three']);
});

test('[E3-05] after a restart nothing is sent until the reader says so', async ({ app }) => {
  await fill(app, FIVE.slice(0, 2));
  await app.restart();
  await app.page.getByTestId('session-item').first().click();
  await expect(app.page.getByTestId('queue-words')).toHaveText(
    'Sluice was restarted. Nothing is sent until you say so.',
  );
  await app.screenshot('queue-restarted');
  await app.page.getByTestId('resume-queue').click();
  await expect(app.page.getByTestId('message-user')).toHaveText(['/slow', '/echo one', '/echo two']);
});

test('[E3-07] after a failure that all would meet the queue says why, and Retry or Skip goes on', async ({ app }) => {
  await fill(app, ['/fail auth', ...FIVE.slice(0, 2)]);
  const { page } = app;
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('queue-panel')).toHaveAttribute('data-paused', 'failure');
  await expect(page.getByTestId('queue-words')).toContainText('refused the key');
  await expect(page.getByTestId('queue-item')).toHaveCount(2);
  await app.screenshot('queue-failure');
  await expectAccessible(app);
  await page.getByTestId('queue-retry').click();
  // It fails again, so the others stay where they are.
  await expect(page.getByTestId('versions')).toBeVisible();
  await expect(page.getByTestId('queue-words')).toContainText('refused the key');
  await expect(page.getByTestId('queue-item')).toHaveCount(2);
  await page.getByTestId('queue-skip').click();
  await expect(page.getByTestId('queue-item')).toHaveCount(0);
  await expect(page.getByTestId('message-assistant').last()).toContainText('two');
});

test('[E3-07] after Retry the others follow an answer that succeeds', async ({ app }) => {
  const { page } = app;
  const profile = await app.request('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url });
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  app.fake.next({ ...answer(401, { error: { message: 'No such key' } }), headersGate: 'refuse' });
  await send(app, 'One');
  for (const message of ['Two', 'Three']) {
    await send(app, message);
    await expect(item(app, message)).toBeVisible();
  }
  app.fake.release('refuse');
  await page.getByTestId('queue-retry').click();
  await expect(page.getByTestId('queue-panel')).toHaveCount(0);
  await expect(page.getByTestId('message-user')).toHaveText(['One', 'Two', 'Three']);
  await expect(page.getByTestId('message-assistant').last()).toContainText('You said: Three');
});

test('[E3-08] Send now goes before the others and in place of the answer', async ({ app }) => {
  await fill(app, FIVE.slice(0, 3));
  await item(app, 'three').getByTestId('queue-send-now').click();
  await expect(app.page.getByTestId('message-user')).toHaveText(['/slow', '/echo three', '/echo one', '/echo two']);
});

test('[E3-10] more than five wait in a list of their own, and all of them are in reach', async ({ app }) => {
  await fill(app, [...FIVE, '/echo six', '/echo seven']);
  const { page } = app;
  const list = page.getByTestId('queue-panel').locator('ol');
  const box = await list.boundingBox();
  expect(box?.height).toBeLessThanOrEqual(151);
  await item(app, 'seven').scrollIntoViewIfNeeded();
  await item(app, 'seven').getByTestId('queue-remove').click();
  await expect(texts(app).filter({ hasText: 'seven' })).toHaveCount(0);
});

/** Takes hold of a waiting message by its grip, and leaves it in the air. */
async function lift(app: SluiceApp, text: string): Promise<{ x: number; y: number }> {
  const box = await item(app, text).getByTestId('queue-grip').boundingBox();
  if (box === null) throw new Error('The queue is not drawn.');
  const at = { x: box.x + 8, y: box.y + 10 };
  await app.page.mouse.move(at.x, at.y);
  await app.page.mouse.down();
  await app.page.mouse.move(at.x, at.y - 4, { steps: 2 });
  return at;
}

test('[E3-06] a drag moves the message that was taken hold of, also when the first one goes out meanwhile', async ({
  app,
}) => {
  await fill(app, ['/slow again', ...FIVE.slice(0, 4)]);
  const { page } = app;
  const { x } = await lift(app, 'three');
  const { sessions } = await app.request('sessions.list', {});
  await app.request('chat.abort', { session_id: sessions[0]?.id ?? '' });
  await expect(page.getByTestId('queue-item')).toHaveCount(4);
  const target = await item(app, 'one').boundingBox();
  if (target === null) throw new Error('The queue is not drawn.');
  await page.mouse.move(x, target.y + 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => order(app)).toEqual(['/echo three', '/echo one', '/echo two', '/echo four']);
});

test('[E3-06] a drag ends when its message goes out, and Escape stops the answer again', async ({ app }) => {
  await fill(app, ['/slow again', ...FIVE.slice(0, 2)]);
  const { page } = app;
  await lift(app, '/slow again');
  const { sessions } = await app.request('sessions.list', {});
  const session_id = sessions[0]?.id ?? '';
  await app.request('chat.abort', { session_id });
  await expect(page.getByTestId('queue-item')).toHaveCount(2);
  await app.request('chat.queue_pause', { session_id });
  await expect(page.getByTestId('queue-panel')).toHaveAttribute('data-paused', 'user');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('send')).toBeVisible();
  await page.mouse.up();
  expect(await order(app)).toEqual(['/echo one', '/echo two']);
});
