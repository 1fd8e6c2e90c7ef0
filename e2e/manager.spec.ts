import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';
import { answer, finish, rateLimited, text, usage, waitForRelease } from './fake-upstream/script.ts';

const keyOf = (name: string) => `sk-planted-${name}-0123456789abcdef`;
const PASSPHRASE = 'four words of mine';

/** A token endpoint that has ended every grant. */
async function endedGrants(): Promise<Server & { url: string }> {
  const server = createServer((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_grant', error_description: 'The sign-in was revoked' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token` });
}

async function addProfile(app: SluiceApp, name = 'Anthropic lab'): Promise<string> {
  const { id } = await app.request('profiles.create', {
    name,
    kind: 'openai-chat',
    baseUrl: app.fake.url,
    defaultModel: 'fake-1',
  });
  return id;
}

async function openPage(app: SluiceApp): Promise<void> {
  await app.page.reload();
  await app.page.getByTestId('nav-credentials').click();
}

/** One request that a key of this name is to serve, and what comes of it. */
async function ask(app: SluiceApp, profile: string, session: string): Promise<void> {
  await app.request('chat.run', { session_id: session, input: 'Hello', profile });
  await expect
    .poll(async () => (await app.request('runs.list', { sessionId: session })).runs[0]?.status, { intervals: [10] })
    .toMatch(/success|error/);
}

/** Keys in every state that there is. */
async function everyState(app: SluiceApp): Promise<void> {
  const profileId = await addProfile(app);
  const away = await addProfile(app, 'Moved server');
  const add = (label: string, more: { priority: number; group?: string; maxInFlight?: number }, profile = profileId) =>
    app.request('credentials.create', { profileId: profile, label, secret: keyOf(label.toLowerCase()), ...more });
  const exhausted = answer(402, { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } });
  const refusal = answer(401, { error: { message: 'Incorrect API key provided' } });
  await add('Grant', { priority: 0, group: 'lab' });
  await add('Spare', { priority: 1, group: 'team' });
  await add('Work', { priority: 2, group: 'team', maxInFlight: 3 });
  const old = await add('Old', { priority: 9 });
  await app.request('credentials.setDisabled', { credentialIds: [old.id], disabled: true });
  await add('Mistyped', { priority: 8 }, away);
  app.fake.setDefault(refusal);
  for (let at = 0; at < 3; at++) await ask(app, 'Moved server', `refused ${at}`);
  await add('Elsewhere', { priority: 0 }, away);
  await app.request('profiles.update', { profileId: away, baseUrl: 'https://llm.example.com' });
  app.fake.next({ ...exhausted, key: keyOf('grant') }, { ...rateLimited('600'), key: keyOf('spare') });
  app.fake.setDefault([
    text('Yes.'),
    usage({ input: 1200, output: 90 }),
    finish({ usage: { input: 1200, output: 90 } }),
  ]);
  await ask(app, 'Anthropic lab', 's1');
  const endpoint = await endedGrants();
  const sealed = await app.request('credentials.createOAuth', {
    profileId,
    label: 'Account',
    tokenUrl: endpoint.url,
    clientId: 'sluice',
    refreshToken: 'rt-planted-0123456789abcdefghijkl',
    priority: 3,
  });
  await app.requestResult('credentials.refresh', { credentialId: sealed.id });
  endpoint.close();
  await app.request('proxies.set', { scope: 'group', owner: 'lab', mode: 'direct' });
  // One answer is being written.
  app.fake.setDefault([text('Writing'), waitForRelease('end'), finish()]);
  await app.request('chat.run', { session_id: 's2', input: 'Hello', profile: 'Anthropic lab' });
  await expect
    .poll(
      async () =>
        (await app.request('credentials.list', {})).credentials.find(({ label }) => label === 'Work')?.inFlight,
    )
    .toBe(1);
}

test.describe('with a vault', () => {
  test.use({ hostEnv: { SLUICE_VAULT_PASSPHRASE: PASSPHRASE, SLUICE_KEYRING: 'off' } });

  test('[E10-23] [E10-24] every state of a key is an icon, a word and a sentence (both themes)', async ({ app }) => {
    test.skip(app.host === 'electron', 'The desktop application uses the keyring where there is one.');
    const { page } = app;
    await everyState(app);
    await page.setViewportSize({ width: 1280, height: 1100 });
    await openPage(app);
    const card = (label: string) =>
      page.getByTestId('key-card').filter({ has: page.getByText(label, { exact: true }) });
    const states = {
      Grant: 'Exhausted',
      Spare: 'Cooling',
      Work: 'In use',
      Account: 'Sign in again',
      Mistyped: 'Refused',
      Old: 'Disabled',
      Elsewhere: 'Confirm address',
    };
    for (const [label, state] of Object.entries(states))
      await expect(card(label).getByTestId('key-state')).toHaveText(state);
    await expect(card('Work')).toContainText('1 of 3');
    await expect(card('Grant')).toContainText('lab');
    await expect(page.getByTestId('pool-health')).toContainText('1 of 7 can answer now.');
    await expect(page.getByTestId('pool-health')).toContainText('4 need you');
    await expect(page.getByTestId('nav-credentials')).toContainText('1 ready, 4 to look at');
    await expect(page.getByTestId('health-success')).toHaveText('25 %');
    await expect(page.getByTestId('health-fallbacks')).toHaveText('2');
    await expectAccessibleInBothThemes(app, 'manager-THEME-1280');
    await page.getByTestId('health-details').click();
    await expect(page.getByRole('table', { name: 'By key' }).getByRole('row', { name: /^Spare/ })).toBeVisible();
    await expectAccessibleInBothThemes(app, 'manager-health-THEME-1280');
    await page.getByTestId('health-details').click();
    await page.getByRole('button', { name: 'Open “Spare”' }).click();
    await expect(page.getByTestId('drawer')).toContainText('The provider named this time');
    await page.getByRole('checkbox', { name: 'Select “Spare”' }).check();
    await expectAccessibleInBothThemes(app, 'manager-drawer-THEME-1280');
    await page.setViewportSize({ width: 600, height: 800 });
    await expectAccessibleInBothThemes(app, 'manager-drawer-THEME-600');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Close' }).click();
    await expectAccessibleInBothThemes(app, 'manager-THEME-600');
    await app.request('settings.set', { values: { language: 'zh-CN' } });
    await expect(card('Spare').getByTestId('key-state')).toHaveText('休息中');
    await app.screenshot('manager-light-zh-600');
    await page.setViewportSize({ width: 1280, height: 1100 });
    await expectAccessibleInBothThemes(app, 'manager-THEME-zh-1280');
    app.fake.release('end');
  });

  test('[E10-25] keys leave in a file and come back from it, with a result for each', async ({ app }) => {
    test.skip(app.host === 'electron', 'The desktop application asks where a download goes.');
    const { page } = app;
    const profileId = await addProfile(app);
    for (const label of ['One', 'Two'])
      await app.request('credentials.create', { profileId, label, secret: keyOf(label.toLowerCase()), group: 'team' });
    await openPage(app);
    app.expectConsoleError(/status of 400 .*credentials\.import/);
    const menu = page.getByRole('button', { name: 'Import and export' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'With secrets' }).click();
    await page.getByTestId('export-passphrase').fill('another passphrase');
    await page.getByTestId('export-again').fill('another passphrase');
    await expectAccessible(app);
    await app.screenshot('manager-export');
    const download = page.waitForEvent('download');
    await page.getByTestId('export-submit').click();
    const path = join(app.dataDir, 'exported.json');
    await (await download).saveAs(path);
    const file = readFileSync(path, 'utf8');
    expect(file).toContain('"format": "sluice-credentials"');
    expect(file).not.toContain('planted-one');
    await expect(page.getByTestId('credentials-said')).toHaveText('2 keys were exported.');

    const [first] = (await app.request('credentials.list', {})).credentials;
    await app.request('credentials.setDisabled', { credentialIds: [first?.id ?? ''], disabled: true });
    await app.request('credentials.delete', { credentialId: first?.id ?? '' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Import…' }).click();
    await page.getByTestId('import-file').setInputFiles(path);
    await page.getByTestId('import-submit').click();
    await page.getByTestId('import-passphrase').fill('not the one at all');
    await page.getByTestId('import-submit').click();
    await expect(page.getByRole('alert')).toContainText('not the passphrase');
    await page.getByTestId('import-passphrase').fill('another passphrase');
    await expectAccessible(app);
    await page.getByTestId('import-submit').click();
    await expect(page.getByTestId('import-results').getByRole('listitem')).toHaveText([
      /One.*added/,
      /Two.*there already/,
    ]);
    await expect(page.getByRole('heading', { name: '1 key was added' })).toBeVisible();
    await expectAccessible(app);
    await app.screenshot('manager-import');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('key-card')).toHaveCount(2);
    // The key that came back is the one that left.
    await page.getByRole('button', { name: 'Test “One”' }).click();
    await expect(page.getByTestId('key-card').filter({ hasText: 'One' })).toContainText('Accepted: 1 model.');
    expect(app.fake.requests.at(-1)?.headers.authorization).toBe(`Bearer ${keyOf('one')}`);
    writeFileSync(path, '');
  });
});

test('[E10-23] [E10-19] [E10-05] a key is preferred, tested, disabled and deleted by keyboard alone, and each step is said', async ({
  app,
}) => {
  const { page } = app;
  const profileId = await addProfile(app);
  for (const label of ['One', 'Two'])
    await app.request('credentials.create', { profileId, label, secret: keyOf(label.toLowerCase()), priority: 1 });
  await openPage(app);
  const said = page.getByTestId('credentials-said');
  const press = async (name: string) => {
    await page.getByRole('button', { name }).focus();
    await page.keyboard.press('Enter');
  };
  const priorities = async () =>
    (await app.request('credentials.list', {})).credentials.map(({ label, priority }) => [label, priority]);
  await press('Prefer “Two” more');
  await expect.poll(priorities).toEqual([
    ['One', 1],
    ['Two', 0],
  ]);
  // Quick steps follow each other, and all of them count.
  await page.getByRole('button', { name: 'Prefer “Two” less' }).focus();
  for (let at = 0; at < 5; at++) await page.keyboard.press('Enter');
  await expect.poll(priorities).toEqual([
    ['One', 1],
    ['Two', 5],
  ]);
  await press('Test “One”');
  await expect(said).toHaveText('One: Accepted: 1 model.');
  // A key that is on offers no deletion.
  await press('More for “One”');
  await expect(page.getByRole('menu')).toContainText('Delete is offered once the key is disabled');
  await expect(page.getByRole('menuitem', { name: 'Delete…' })).toHaveCount(0);
  expect(
    (
      await app.requestResult('credentials.delete', {
        credentialId: (await app.request('credentials.list', {})).credentials[0]?.id ?? '',
      })
    ).ok,
  ).toBe(false);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'More for “One”' })).toBeFocused();
  await press('Disable “One”');
  await expect(said).toHaveText(/One: Disabled/);
  await press('Delete the key “One”');
  const question = page.getByRole('alertdialog', { name: 'Delete the key “One”?' });
  await expect(question.getByRole('button', { name: 'Keep key' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('key-card')).toHaveCount(1);
  await expect(said).toHaveText('One: Deleted.');
  // The drawer: label, limit, models and group are stored where they are left.
  await press('Open “Two”');
  const drawer = page.getByTestId('drawer');
  await drawer.getByLabel('Label').fill('Second');
  await page.keyboard.press('Enter');
  await drawer.getByLabel('Models it may be used for').fill('fake-1, fake-2');
  await drawer.getByLabel('Group').fill('team');
  await page.keyboard.press('Enter');
  await drawer.getByRole('button', { name: 'More at once' }).focus();
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => {
      const [key] = (await app.request('credentials.list', {})).credentials;
      return [key?.label, key?.models, key?.group, key?.maxInFlight];
    })
    .toEqual(['Second', ['fake-1', 'fake-2'], 'team', 1]);
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await expect(page.getByTestId('health-success')).toHaveText('–');
  await expect(page.getByTestId('health-waits')).toHaveText('–');
});

test('[E10-25] [E10-23] several keys are changed at once, and what failed for one is its own line', async ({ app }) => {
  const { page } = app;
  const profileId = await addProfile(app);
  for (const label of ['Good', 'Bad', 'Third'])
    await app.request('credentials.create', { profileId, label, secret: keyOf(label.toLowerCase()) });
  app.expectConsoleError(/status of 409 .*credentials\.delete/);
  await openPage(app);
  await page.getByRole('checkbox', { name: 'Select “Good”' }).check();
  const bar = page.getByTestId('batch-bar');
  await bar.getByRole('button', { name: 'Select all' }).click();
  await expect(bar).toContainText('3 selected');
  await bar.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByTestId('batch-results').getByRole('listitem')).toHaveText([
    /Disabled/,
    /Disabled/,
    /Disabled/,
  ]);
  // One is switched on again behind the bar's back, so that it cannot be deleted.
  const keys = (await app.request('credentials.list', {})).credentials;
  const third = keys.find(({ label }) => label === 'Third');
  await app.request('credentials.setDisabled', { credentialIds: [third?.id ?? ''], disabled: false });
  await bar.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete keys' }).click();
  await expect(page.getByTestId('key-card')).toHaveCount(1);
  await expect(page.getByTestId('credentials-said')).toHaveText('Done for 2 of 3.');
  await expect(page.getByTestId('batch-results').getByRole('listitem')).toHaveText([
    /: Deleted\./,
    /: Deleted\./,
    /Third.*Disable it first/,
  ]);
  await expectAccessible(app);
  await app.screenshot('manager-batch');
});

test('[E10-23] two hundred keys: one that changes is the only card that is drawn again', async ({ app }) => {
  const { page } = app;
  const profileId = await addProfile(app);
  const ids: string[] = [];
  for (let at = 0; at < 200; at++) {
    const label = `Key ${String(at).padStart(3, '0')}`;
    ids.push((await app.request('credentials.create', { profileId, label, secret: `${keyOf('many')}-${at}` })).id);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await openPage(app);
  await expect(page.getByTestId('key-card')).toHaveCount(200);
  await page.evaluate(() => {
    const touched = new Set<string>();
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const card = element?.closest('[data-key]');
        if (card !== null && card !== undefined) touched.add(card.getAttribute('data-key') ?? '');
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    Object.assign(window, { touched });
  });
  await app.request('credentials.update', { credentialId: ids[3] ?? '', priority: 0, group: 'team' });
  await expect(page.getByTestId('key-card').filter({ hasText: 'Key 003' })).toContainText('team');
  expect(await page.evaluate(() => [...(window as unknown as { touched: Set<string> }).touched])).toEqual([ids[3]]);
  // What is out of sight is skipped: nothing below the last screen is laid out.
  const last = page.locator(`[data-key="${ids[199] ?? ''}"]`);
  const isSkipped = (card: Element) => !card.querySelector('dl')?.checkVisibility({ contentVisibilityAuto: true });
  expect(await last.evaluate(isSkipped)).toBe(true);
  await last.scrollIntoViewIfNeeded();
  await expect.poll(() => last.evaluate(isSkipped)).toBe(false);
  // Beside the same way through an empty page of the same height, which is what the machine can do now.
  const scrolled = () =>
    page.evaluate(async () => {
      const page = document.querySelector('.page');
      const frames: number[] = [];
      let longTasks = 0;
      const observer = new PerformanceObserver((list) => {
        longTasks += list.getEntries().length;
      });
      observer.observe({ type: 'longtask' });
      let before = performance.now();
      for (let at = 0; at < 120 && page !== null; at++) {
        page.scrollTop = (page.scrollHeight * at) / 120;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(Math.round(now - before));
        before = now;
      }
      observer.disconnect();
      frames.sort((a, b) => a - b);
      return { frameP50Ms: frames[60], frameP95Ms: frames[114], longTasks };
    });
  const cards = await scrolled();
  await page.evaluate(() => {
    const page = document.querySelector<HTMLElement>('.page');
    const heightPx = page?.scrollHeight ?? 0;
    for (const child of page?.children ?? []) if (child instanceof HTMLElement) child.style.display = 'none';
    const empty = document.createElement('div');
    empty.id = 'empty';
    empty.style.height = `${heightPx}px`;
    page?.append(empty);
  });
  const floor = await scrolled();
  await page.evaluate(() => {
    document.getElementById('empty')?.remove();
    for (const child of document.querySelector('.page')?.children ?? [])
      if (child instanceof HTMLElement) child.style.display = '';
  });
  const figures = JSON.stringify({ cards, floor });
  test.info().annotations.push({ type: '200 cards, 120 steps of scrolling', description: figures });
  process.stdout.write(`200 cards: ${figures}\n`);
  await page.evaluate(() => document.querySelector('.page')?.scrollTo(0, 0));
  // The browser's own search finds a key that is out of sight.
  const found = await page.evaluate(() => {
    if (!(window as unknown as { find(text: string): boolean }).find('Key 150')) return null;
    return getSelection()?.anchorNode?.parentElement?.closest('[data-key]')?.getAttribute('data-key') ?? null;
  });
  expect(found).toBe(ids[150]);
  // Arrows lead from card to card, on names or on boxes; what has the keyboard is in sight.
  const first = page.getByRole('button', { name: 'Open “Key 000”' });
  await first.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Open “Key 001”' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  const below = page.getByRole('button', { name: 'Open “Key 004”' });
  await expect(below).toBeFocused();
  await page.keyboard.press('End');
  const end = page.getByRole('button', { name: 'Open “Key 199”' });
  await expect(end).toBeFocused();
  await expect(end).toBeInViewport();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('batch-bar')).toContainText('2 selected');
  // All of them are selected and changed, also those out of sight, and that is said.
  await page.getByTestId('batch-bar').getByRole('button', { name: 'Select all' }).click();
  await expect(page.getByTestId('batch-bar')).toContainText('200 selected');
  await page.getByTestId('batch-bar').getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByTestId('credentials-said')).toHaveText('Done for 200 of 200.');
  await expect(last.getByTestId('key-state')).toHaveText('Disabled');
  await page.getByTestId('batch-bar').getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('003 team');
  await expect(page.getByTestId('key-card')).toHaveCount(1);
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('nothing like this');
  await expect(page.getByText('No key matches.')).toBeVisible();
});

test('[E10-01] [E10-03] [E10-23] a refused key is replaced in its place, keeps its name and figures, and answers', async ({
  app,
}) => {
  const { page } = app;
  const profileId = await addProfile(app);
  const work = await app.request('credentials.create', { profileId, label: 'Work', secret: keyOf('old'), priority: 3 });
  app.fake.setDefault(answer(401, { error: { message: 'Incorrect API key provided' } }));
  for (let at = 0; at < 3; at++) await ask(app, 'Anthropic lab', `refused ${at}`);
  await app.request('credentials.create', { profileId, label: 'Home', secret: keyOf('home'), priority: 4 });
  app.expectConsoleError(/status of (409|400) .*credentials\.replaceSecret/);
  await openPage(app);
  const card = page.getByTestId('key-card').filter({ hasText: 'Work' });
  await expect(card.getByTestId('key-state')).toHaveText('Refused');
  await page.getByRole('button', { name: 'Open “Work”' }).click();
  await page.getByTestId('replace-key').click();
  const dialog = page.getByRole('dialog', { name: 'Replace the key of “Work”' });
  await expect(dialog.getByTestId('replace-secret')).toBeFocused();
  await expect(dialog).toContainText(new URL(app.fake.url).host);
  await expectAccessible(app);
  await app.screenshot('manager-replace');
  await dialog.getByTestId('replace-secret').fill(keyOf('home'));
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toHaveText('This key is there already, as “Home”.');
  await dialog.getByTestId('replace-secret').fill('two words');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('Paste it again');
  app.fake.setDefault([text('Yes.'), finish()]);
  const asked = app.fake.requests.length;
  await dialog.getByTestId('replace-secret').fill(` ${keyOf('new')} `);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('credentials-said')).toHaveText('Work: The key was replaced.');
  await expect(card.getByTestId('key-state')).toHaveText('Ready');
  // Nobody was asked for it; the next one who asks gets the new key.
  expect(app.fake.requests).toHaveLength(asked);
  expect((await app.request('credentials.list', {})).credentials[0]).toMatchObject({
    id: work.id,
    label: 'Work',
    priority: 3,
    failures: 3,
    failureCount: 0,
  });
  await ask(app, 'Anthropic lab', 's1');
  expect(app.fake.requests.at(-1)?.headers.authorization).toBe(`Bearer ${keyOf('new')}`);
  expect(await page.content()).not.toContain(keyOf('new'));
});

test('[E10-04] [E10-24] the rule for keys changes on the page at once; without a provider the page says what to do', async ({
  app,
}) => {
  const { page } = app;
  await openPage(app);
  await expect(page.getByText('No provider yet')).toBeVisible();
  await expectAccessible(app);
  await app.screenshot('manager-empty');
  const profileId = await addProfile(app);
  for (const label of ['One', 'Two'])
    await app.request('credentials.create', { profileId, label, secret: keyOf(label.toLowerCase()) });
  await page.getByRole('button', { name: 'Balanced' }).click();
  await expect.poll(async () => (await app.request('settings.get', {})).credentialMode).toBe('balanced');
  for (const name of ['success', 'transient', 'ttfbP50', 'ttfbP95', 'waits', 'fallbacks', 'aborts'])
    await expect(page.getByTestId(`health-${name}`)).toHaveText('–');
});
