import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { answer } from './fake-upstream/script.ts';

const MODELS = Array.from({ length: 300 }, (_, index) => `vendor${index % 7}/model-${index}`);

async function connect(app: SluiceApp): Promise<void> {
  const made = { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'vendor0/model-0' } as const;
  const profile = await app.request('profiles.create', made);
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  await app.page.reload();
}

const picker = (app: SluiceApp) => app.page.getByTestId('profile-picker');
const field = (app: SluiceApp) => app.page.getByRole('combobox', { name: 'Model' });
const rows = (app: SluiceApp) => app.page.getByTestId('combo-row');
const lastModel = (app: SluiceApp) => {
  const { body } = app.fake.requestsTo('POST', '/v1/chat/completions').at(-1) ?? {};
  return (body as { model?: string } | undefined)?.model;
};

test('[E2-19] a model is found among three hundred by a few letters, by keyboard, and answers', async ({ app }) => {
  const { page } = app;
  app.fake.setModels(answer(200, { data: MODELS.map((id) => ({ id })) }));
  await connect(app);
  await page.getByTestId('composer-input').fill('Hello');
  await picker(app).click();
  await expect(rows(app)).toHaveCount(MODELS.length + 1);
  const panel = await page.getByRole('dialog', { name: 'Who answers' }).boundingBox();
  const view = page.viewportSize();
  // The list came after the panel had its place.
  if (view !== null) expect((panel?.y ?? 0) + (panel?.height ?? 0)).toBeLessThanOrEqual(view.height);
  await expectAccessible(app);
  await app.screenshot('model-list');
  await expect(field(app)).toBeFocused();
  await page.keyboard.type('model-29');
  await expect(rows(app).first()).toHaveText('vendor1/model-29');
  await page.keyboard.press('ArrowDown');
  await expect(rows(app).nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(picker(app)).toContainText('vendor1/model-29');
  // Whoever chose goes on writing, and what was written is still there.
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
  expect(lastModel(app)).toBe('vendor1/model-29');

  await test.step('it stands first the next time, also after a reload, and by mouse the profile’s own comes back', async () => {
    await page.reload();
    await picker(app).click();
    await expect(rows(app).nth(1)).toHaveText('vendor1/model-29');
    await rows(app).first().click();
    await expect(picker(app)).toContainText('vendor0/model-0');
    await page.keyboard.type('Again');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('message-assistant')).toHaveCount(2);
    await expect(page.getByTestId('send')).toBeVisible();
    expect(lastModel(app)).toBe('vendor0/model-0');
  });
});

test('[E2-19] a provider that cannot be asked says why, and a model can be typed whole', async ({ app }) => {
  const { page } = app;
  app.fake.setModels(answer(401, { error: { message: 'No.' } }));
  await connect(app);
  await picker(app).click();
  await expect(page.getByRole('dialog', { name: 'Who answers' })).toContainText('The name can be typed.');
  await app.screenshot('model-list-refused');
  await page.keyboard.type('my-own');
  await expect(rows(app)).toHaveText(['Use “my-own”']);
  await page.keyboard.press('Escape');
  await expect(picker(app)).not.toContainText('my-own');
  await page.keyboard.press('Enter');
  await page.keyboard.type('my-own');
  await page.keyboard.press('Enter');
  await expect(picker(app)).toContainText('my-own');
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
  expect(lastModel(app)).toBe('my-own');
});
