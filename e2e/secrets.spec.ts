import type { SluiceApp } from './app.fixture.ts';
import { expect, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';
import { finish, text } from './fake-upstream/script.ts';

const KEY = 'sk-planted-0123456789abcdef';
const PASSPHRASE = 'four words of mine';

async function openCredentials({ page }: SluiceApp): Promise<void> {
  await page.getByTestId('nav-credentials').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Credentials' })).toBeVisible();
}

async function send({ page }: SluiceApp, message: string): Promise<void> {
  await page.getByTestId('composer-input').fill(message);
  await page.keyboard.press('Enter');
}

/** Puts text on the clipboard of the page alone, and pastes it as a person does. */
async function paste({ page }: SluiceApp, pasted: string): Promise<void> {
  await page.getByTestId('paste-anything').evaluate((field, value) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', value);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, pasted);
}

async function addFake(app: SluiceApp): Promise<string> {
  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  await app.request('credentials.create', { profileId: profile.id, label: 'Work key', secret: KEY });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  return profile.id;
}

test('[E10-01] a passphrase is asked for once a start; until then everything works but calls with keys', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'The desktop application uses the keyring where there is one.');
  await addFake(app);
  app.fake.setDefault([text('Yes.'), finish()]);
  await app.page.reload();
  await openCredentials(app);
  await expect(app.page.getByTestId('secrets-note')).toContainText('memory');
  await app.page.getByTestId('set-passphrase').click();
  await app.page.getByTestId('passphrase').fill(PASSPHRASE);
  await app.page.getByTestId('passphrase-again').fill('something else');
  await app.page.getByTestId('passphrase-submit').click();
  await expect(app.page.getByText('The two are not the same.')).toBeVisible();
  await app.page.getByTestId('passphrase-again').fill(PASSPHRASE);
  await app.page.getByTestId('passphrase-submit').click();
  await expect(app.page.getByTestId('secrets-note')).toContainText('your passphrase');
  // The key that was in memory until now is kept as well.
  await expect(app.page.getByTestId('key-card')).not.toContainText('memory only');

  await app.restart();
  const dialog = app.page.getByRole('dialog', { name: 'Unlock your keys' });
  await expect(dialog).toBeVisible();
  await expectAccessible(app);
  await app.screenshot('unlock');
  await app.page.getByRole('button', { name: 'Later' }).click();
  await send(app, 'Is anybody there?');
  const failure = app.page.getByTestId('error-row');
  await expect(failure).toHaveAttribute('data-code', 'secrets_locked');
  expect(app.fake.requests).toHaveLength(0);
  await failure.getByRole('button', { name: 'Unlock keys…' }).click();
  await expect(app.page.getByTestId('key-state')).toHaveText('Locked');
  await expectAccessible(app);
  await app.screenshot('manager-locked');
  await app.page.getByTestId('unlock-keys').click();
  await app.page.getByTestId('passphrase').fill('not the one');
  await app.page.getByTestId('passphrase-submit').click();
  await expect(app.page.getByText('Nothing was changed.')).toBeVisible();
  await app.page.getByTestId('passphrase').fill(PASSPHRASE);
  await app.page.getByTestId('passphrase-submit').click();
  await expect(app.page.getByTestId('key-state')).toHaveText('Ready');
  await expect(app.page.getByRole('dialog')).toHaveCount(0);
  // What could not go out went out with the unlocking.
  await expect.poll(() => app.fake.requests.length).toBe(1);
  await app.page.locator('[data-row][title="Is anybody there?"]').click();
  await expect(app.page.getByTestId('message-assistant')).toContainText('Yes.');
  await expect(app.page.getByTestId('error-row')).toHaveCount(0);
  await app.page.getByTestId('new-chat').click();
  await send(app, 'And now?');
  await expect(app.page.getByTestId('message-assistant')).toContainText('Yes.');
  expect(app.fake.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(await app.page.content()).not.toContain(KEY);
});

test('[E9-02] [decision 19] a pasted curl command fills the form; nothing is sent before it is saved', async ({
  app,
}) => {
  await openCredentials(app);
  await app.page.getByTestId('add-profile').click();
  await paste(app, 'sk-ant-api03-abc…');
  await expect(app.page.getByText('This key is shortened.')).toBeVisible();
  await paste(app, '0123456789abcdef0123456789abcdef');
  await expect(app.page.getByText('Whose is it?')).toBeVisible();
  await expectAccessible(app);
  await app.screenshot('paste-choice');
  await paste(
    app,
    `curl ${app.fake.url}/v1/chat/completions \\\n  -H "Authorization: Bearer ${KEY}" \\\n  -d '{"model": "fake-1"}'`,
  );
  await expect(app.page.getByTestId('connect-address')).toHaveValue(app.fake.url);
  await expect(app.page.getByText(`Calls ${app.fake.url}/v1/chat/completions`)).toBeVisible();
  await expect(app.page.getByTestId('connect-key')).toHaveValue(KEY);
  await expect(app.page.getByTestId('paste-anything')).toHaveValue('');
  expect(app.fake.requests).toHaveLength(0);
  await app.page.getByTestId('connect-save').click();
  await expect(app.page.getByTestId('key-card')).toContainText('sk-p…cdef');
  await app.page.getByTestId('check-health').click();
  await expect(app.page.getByRole('status').filter({ hasText: 'answers' })).toContainText('1 model');
});

test('[E10-02] a changed address keeps its keys back until a person confirms it', async ({ app }) => {
  await addFake(app);
  await app.page.reload();
  await openCredentials(app);
  await app.page.getByTestId('edit-address-open').click();
  const elsewhere = app.fake.url.replace('127.0.0.1', 'localhost');
  await app.page.getByTestId('edit-address').fill(elsewhere);
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByTestId('key-card')).toContainText('This key is not sent there');
  await app.page.getByRole('button', { name: 'Open “Work key”' }).click();
  await expect(app.page.getByTestId('drawer')).toContainText('this key is not sent');
  await expectAccessible(app);
  await app.screenshot('confirm-host');
  await app.page.getByTestId('check-health').click();
  await expect(app.page.getByRole('status').filter({ hasText: 'approved' })).toBeVisible();
  expect(app.fake.requests).toHaveLength(0);
  await app.page.getByTestId('confirm-host').click();
  await expect(app.page.getByTestId('confirm-host')).toHaveCount(0);
  await app.page.getByTestId('check-health').click();
  await expect(app.page.getByRole('status').filter({ hasText: 'answers' })).toBeVisible();
  expect(app.fake.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
});

test('[E10-18] [BUG-D14] a proxy with a password in its address is taken apart, and shown where it holds', async ({
  app,
}) => {
  await addFake(app);
  await app.page.reload();
  await openCredentials(app);
  await app.page.getByRole('button', { name: 'Open “Work key”' }).click();
  await app.page.getByRole('button', { name: 'Change the proxy of “Work key”' }).click();
  const form = app.page.getByTestId('proxy-form-credential');
  await form.getByRole('button', { name: 'Through a proxy' }).click();
  await form.getByLabel('Proxy address').fill('http://me:planted-password@127.0.0.1:9');
  await form.getByLabel('User name').focus();
  await expect(form.getByLabel('Proxy address')).toHaveValue('http://127.0.0.1:9');
  await expect(form.getByLabel('User name')).toHaveValue('me');
  await expect(form).toContainText('moved out of the address');
  await form.getByRole('button', { name: 'Save proxy' }).click();
  await expect(app.page.getByTestId('drawer')).toContainText('Proxy of its own: http://127.0.0.1:9');
  await expect(app.page.getByTestId('key-card')).toContainText('own');
  await expectAccessible(app);
  await app.screenshot('proxy');
  expect(JSON.stringify(await app.request('proxies.list', {}))).not.toContain('planted-password');
  expect(await app.page.content()).not.toContain('planted-password');
  // A proxy that is not there is told as such, and the upstream is not asked around it.
  await app.page.getByTestId('check-health').click();
  await expect(app.page.getByRole('status').filter({ hasText: 'proxy' })).toContainText('cannot be reached');
  expect(app.fake.requests).toHaveLength(0);
});

for (const width of [1280, 600]) {
  test(`[E10-01] the credentials page is accessible and in order (both themes, ${width} px)`, async ({ app }) => {
    const id = await addFake(app);
    await app.request('profiles.update', { profileId: id, baseUrl: 'https://llm.example.com' });
    await app.request('proxies.set', { scope: 'global', mode: 'proxy', url: 'socks5://10.0.0.1', username: 'me' });
    await app.page.setViewportSize({ width, height: 900 });
    await app.page.emulateMedia({ reducedMotion: 'reduce' });
    await app.page.reload();
    await openCredentials(app);
    await app.page.getByTestId('add-profile').click();
    await app.page.getByTestId('add-key').click();
    await app.page.getByRole('button', { name: 'Sign-in that renews itself' }).click();
    await expectAccessibleInBothThemes(app, `credentials-forms-THEME-${width}`);
    await app.page.getByRole('button', { name: 'Proxies' }).click();
    await expectAccessibleInBothThemes(app, `proxies-THEME-${width}`);
  });
}
