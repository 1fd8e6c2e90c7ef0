import { expect, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';
import { answer, finish, rateLimited, text } from './fake-upstream/script.ts';

const keyOf = (number: number) => `sk-e2e-${number}-0123456789abcdef`;

test('[E10-13] [E10-15] [E10-19] [E10-21] [E10-23] a limited key steps aside, its rest is shown and ended by hand, and a key is switched off by keyboard', async ({
  app,
}) => {
  const { page } = app;
  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  for (const number of [1, 2]) {
    const secret = keyOf(number);
    await app.request('credentials.create', {
      profileId: profile.id,
      label: `Key ${number}`,
      secret,
      priority: number,
    });
  }
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  app.fake.next(
    { ...rateLimited('600'), key: keyOf(1) },
    { steps: [text('From the second key.'), finish()], key: keyOf(2) },
  );
  await page.reload();
  await page.getByTestId('composer-input').fill('Hello');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant')).toHaveText(/From the second key\./);
  await page.getByTestId('nav-credentials').click();
  const card = (number: number) => page.getByTestId('key-card').filter({ hasText: `Key ${number}` });
  await expect(card(1).getByTestId('key-state')).toHaveText('Cooling');
  await expect(card(1).getByTestId('key-why')).toContainText(/^Until \d\d:\d\d because rate limit \(429\)/);
  await expect(card(1).getByTestId('countdown')).toHaveText(/^9:[0-5]\d$/);
  await expect(card(2).getByTestId('key-state')).toHaveText('Ready');
  await expectAccessible(app);
  const said = page.getByTestId('credentials-said');
  await page.getByRole('button', { name: 'Use now anyway: “Key 1”' }).focus();
  await page.keyboard.press('Enter');
  await expect(card(1).getByTestId('key-state')).toHaveText('Ready');
  await expect(said).toHaveText(/Key 1: (Reset|Ready)/);
  await page.getByRole('button', { name: 'Disable “Key 2”' }).focus();
  await page.keyboard.press('Enter');
  await expect(card(2).getByTestId('key-state')).toHaveText('Disabled');
  await expect(page.getByRole('button', { name: 'Enable “Key 2”' })).toBeVisible();

  // The provider suspects abuse: the answer fails and says so, and no other key is asked.
  await app.request('credentials.setDisabled', {
    credentialIds: (await app.request('credentials.list', {})).credentials.map(({ id }) => id),
    disabled: false,
  });
  app.fake.setDefault(answer(429, { error: { message: 'Suspicious activity detected on this account' } }));
  const before = app.fake.requests.length;
  await page.getByTestId('new-chat').click();
  await page.getByTestId('composer-input').fill('Again');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The provider suspects abuse of the account')).toBeVisible();
  expect(app.fake.requests.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(1);
  await page.getByTestId('nav-credentials').click();
  for (const number of [1, 2]) {
    await expect(card(number).getByTestId('key-why')).toContainText('the provider suspects abuse of the account');
    // Nothing offers to go around it.
    await expect(page.getByRole('button', { name: `Use now anyway: “Key ${number}”` })).toHaveCount(0);
  }
  await expectAccessible(app);
});

test('[E10-22] a key’s page asks the provider what is left when it is told to, and says so where that is not told', async ({
  app,
}) => {
  const { page } = app;
  const made = { name: 'fake', kind: 'openai-chat', baseUrl: app.fake.url, defaultModel: 'fake-1' } as const;
  const profile = await app.request('profiles.create', made);
  await app.request('credentials.create', { profileId: profile.id, label: 'Key 1', secret: keyOf(1) });
  await page.reload();
  await page.getByTestId('nav-credentials').click();
  await page.getByRole('button', { name: 'Open “Key 1”' }).click();
  const section = page.getByRole('region', { name: 'Left at the provider' });
  await expect(section).toContainText('Some providers say what is left');
  expect(app.fake.requests.filter(({ path }) => path.includes('billing'))).toEqual([]);
  app.expectConsoleError(/422 \(Unprocessable Entity\)/);
  await section.getByTestId('ask-credit').click();
  await expect(section.getByRole('alert')).toHaveText(
    '“fake” does not say what is left of a key. Its own website does.',
  );
  app.fake.setPage('/v1/dashboard/billing/subscription', answer(200, { hard_limit_usd: 20 }));
  app.fake.setPage('/v1/dashboard/billing/usage', answer(200, { total_usage: 812 }));
  await section.getByTestId('ask-credit').click();
  await expect(section.getByTestId('key-credit')).toContainText('$11.88 for this key');
  await expect(section.getByTestId('key-credit')).toContainText('$8.12 used so far');
  await expect(section.getByRole('alert')).toHaveCount(0);
  await expect(page.getByTestId('credentials-said')).toHaveText('$11.88 for this key');
  await section.scrollIntoViewIfNeeded();
  await expectAccessible(app);
  await app.screenshot('key-credit');
  // Told lately: it is there at once, and nobody is asked.
  const before = app.fake.requests.length;
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open “Key 1”' }).click();
  await expect(section.getByTestId('key-credit')).toContainText('$11.88');
  expect(app.fake.requests.slice(before).filter(({ path }) => path.includes('billing'))).toEqual([]);
});

test('[E10-04] [E10-26] the rule for keys and the length of their rests are settings that are checked, kept and hold at once', async ({
  app,
}) => {
  const { page } = app;
  await page.getByTestId('nav-settings').click();
  await page.getByRole('button', { name: 'Balanced' }).click();
  await expect.poll(async () => (await app.request('settings.get', {})).credentialMode).toBe('balanced');
  const rest = page.getByTestId('setting-rateLimitCooldownMs');
  await expect(rest).toHaveValue('120');
  await rest.fill('7201');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Write a number from 1 to 7200.')).toBeVisible();
  await rest.fill('45');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await app.request('settings.get', {})).rateLimitCooldownMs).toBe(45_000);
  await expectAccessible(app);
  await app.restart();
  await app.page.getByTestId('nav-settings').click();
  await expect(app.page.getByTestId('setting-rateLimitCooldownMs')).toHaveValue('45');
  for (const text of ['NaN', '-1', '1e3', '']) {
    await app.page.getByTestId('setting-suspiciousCooldownMs').fill(text);
    await app.page.keyboard.press('Enter');
    await expect(app.page.getByText('Write a number from 1 to 7200.')).toBeVisible();
  }
  // One button leads back, and it holds for the whole pool.
  await app.page.getByTestId('reset-key-settings').click();
  await expect(app.page.getByText('At their defaults')).toBeVisible();
  const { rateLimitCooldownMs, credentialMode, suspiciousCooldownMs } = await app.request('settings.get', {});
  expect([rateLimitCooldownMs, credentialMode, suspiciousCooldownMs]).toEqual([120_000, 'priority', 300_000]);
  await app.page.reload();
  await app.page.getByTestId('nav-settings').click();
  await expect(app.page.getByTestId('setting-rateLimitCooldownMs')).toHaveValue('120');
});

test('[E10-29] [E10-28] where a prompt changed is told as an estimate on its own panel, and in no figure', async ({
  app,
}) => {
  const { page } = app;
  await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  await page.getByTestId('nav-settings').click();
  await page.getByRole('switch', { name: 'Estimate what a provider’s cache could reuse' }).click();
  await expect(page.getByTestId('prefix-hints')).toContainText('No request since it was switched on.');
  // An upstream that reports nothing: what is estimated must not fill the gap.
  app.fake.setDefault([text('Yes.'), finish()]);
  const ask = async (instructions: string, count: number) => {
    await app.request('chat.run', { session_id: 's', input: 'Hello', profile: 'fake', instructions });
    await expect
      .poll(
        async () =>
          (await app.request('runs.list', { sessionId: 's' })).runs.filter(({ status }) => status === 'success').length,
      )
      .toBe(count);
  };
  await ask('word '.repeat(3000), 1);
  await ask('word '.repeat(3000), 2);
  await ask('other '.repeat(3000), 3);
  const lines = page.getByTestId('prefix-hints').getByRole('listitem');
  await expect(lines).toHaveText([
    /Changed at: the instructions/,
    /are the same as before\.$/,
    /First request of its conversation/,
  ]);
  await expect(page.getByRole('heading', { name: 'Prompt prefix (estimate)' })).toBeVisible();
  await expectAccessible(app);
  await page.getByTestId('prefix-hints').scrollIntoViewIfNeeded();
  await app.screenshot('prefix-panel');
  const { calls } = await app.request('usage.calls', {});
  expect(calls.map(({ cacheReadTokens, cacheWriteTokens }) => [cacheReadTokens, cacheWriteTokens])).toEqual(
    Array.from({ length: 3 }, () => [null, null]),
  );
  expect((await app.request('runs.list', { sessionId: 's' })).runs.map(({ usage }) => usage)).toEqual([
    null,
    null,
    null,
  ]);
  // The settings are kept; what was estimated is not.
  await app.restart();
  expect((await app.request('settings.get', {})).prefixHintsEnabled).toBe(true);
  expect((await app.request('prefixHints.list', {})).hints).toEqual([]);
});
