import type { UpdateState } from '#contract/updates';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible, expectAccessibleInBothThemes } from './expect-accessible.ts';

const FIRST: UpdateState = {
  way: 'self',
  version: '1.2.0',
  phase: 'idle',
  found: null,
  percent: null,
  checkedAtMs: null,
  problem: null,
};
const FOUND = { version: '1.3.0', sizeBytes: 96_400_000, releasedAtMs: Date.UTC(2026, 10, 18, 12) };

/** Plays the answers of a desktop application that can update itself, and notes what it is asked. */
async function play({ page }: SluiceApp, first: Partial<UpdateState>) {
  const asked: string[] = [];
  let state: UpdateState = { ...FIRST, ...first };
  const then: Record<string, Partial<UpdateState>> = {
    check: { phase: 'available', found: FOUND, checkedAtMs: Date.UTC(2026, 10, 21, 9) },
    download: { phase: 'downloading', percent: 41 },
    cancel: { phase: 'available', percent: null },
    install: {
      phase: 'ready',
      percent: null,
      problem: { during: 'install', kind: 'backup', message: 'There is not enough room for a backup.' },
    },
  };
  await page.route('**/api/app/updates.*', async (route) => {
    const step = route.request().url().split('updates.')[1] ?? '';
    if (step !== 'state') asked.push(`${step} ${route.request().postData() ?? ''}`);
    state = { ...state, ...then[step] };
    await route.fulfill({ json: { ok: true, data: state } });
  });
  await page.reload();
  await page.getByTestId('nav-settings').click();
  return { asked, section: page.getByRole('region', { name: 'Updates' }) };
}

test('[E12] a headless host says who updates it, asks nobody, and refuses to do it itself', async ({ app }) => {
  test.skip(app.host === 'electron', 'There it depends on the package.');
  expect(await app.request('updates.state', {})).toMatchObject({ way: 'headless', phase: 'idle' });
  expect((await app.requestResult('updates.check', {})).ok).toBe(false);
  await app.page.getByTestId('nav-settings').click();
  const section = app.page.getByRole('region', { name: 'Updates' });
  await expect(section).toContainText('Runs without a window. Stop it, put the new version in its place');
  await expect(section.getByRole('button')).toHaveCount(0);
  await expect(section.getByRole('switch')).toHaveCount(0);
});

test('[E12] a new version is asked for, fetched and installed by a click each; an older one by a question', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'Here the desktop’s answers are played.');
  const { asked, section } = await play(app, {});
  await expect(section.getByRole('switch')).not.toBeChecked();
  await expect(section).toContainText('May Sluice do that?');
  await section.getByTestId('update-check').click();
  await expect(section).toContainText('Version 1.3.0 is there (Nov 18, 2026, 96.4 MB).');
  await section.getByTestId('update-download').click();
  await section.getByTestId('update-cancel').click();
  await section.getByRole('switch').click();
  await expect.poll(async () => (await app.request('settings.get', {})).updateChecks).toBe('on');
  expect(asked).toEqual(['check {}', 'download {"older":false}', 'cancel {}']);
  const older = await play(app, { phase: 'older', found: { ...FOUND, version: '1.1.0' } });
  await older.section.getByTestId('update-older').click();
  await app.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  expect(older.asked).toEqual([]);
  await older.section.getByTestId('update-older').click();
  await app.page.getByRole('alertdialog').getByRole('button', { name: 'Go back to it…' }).click();
  await expect.poll(() => older.asked).toEqual(['download {"older":true}']);
});

test('[E12] a new version is said quietly in the sidebar, to everybody who may have it and to nobody else', async ({
  app,
}) => {
  test.skip(app.host === 'electron', 'Here the desktop’s answers are played.');
  const { page } = app;
  const settings = page.getByTestId('nav-settings');
  await play(app, { phase: 'available', found: FOUND });
  await page.getByTestId('new-chat').click();
  await expect(settings).toHaveText('SettingsNew: 1.3.0');
  await expectAccessible(app);
  await app.screenshot('update-in-sidebar');
  await page.setViewportSize({ width: 600, height: 800 });
  await expect(settings).toHaveAccessibleName('Settings, New: 1.3.0');
  await expectAccessible(app);
  await app.screenshot('update-in-rail');
  await page.setViewportSize({ width: 1280, height: 800 });
  await play(app, { phase: 'ready', found: FOUND });
  await expect(settings).toHaveText('Settings1.3.0 is ready');
  // Neither the newest version nor an older one waits for anybody, nor one that somebody else has to put in place.
  for (const none of [
    { phase: 'current', found: FOUND },
    { phase: 'older', found: FOUND },
    { phase: 'available', found: FOUND, way: 'deb' },
  ] satisfies Partial<UpdateState>[]) {
    const told = page.waitForResponse('**/api/app/updates.state');
    await play(app, none);
    await told;
    await expect(settings).toHaveText('Settings');
  }
});

for (const [width, language] of [
  [1280, 'en'],
  [600, 'zh-CN'],
] as const) {
  test(`[E12] the settings of updates say what is sent and what failed (both themes, ${width} px, ${language})`, async ({
    app,
  }) => {
    test.skip(app.host === 'electron', 'Here the desktop’s answers are played.');
    const { page } = app;
    await app.request('settings.set', { values: { language } });
    await page.setViewportSize({ width, height: 800 });
    await play(app, { phase: 'ready', found: FOUND });
    await page.getByTestId('update-install').click();
    await expect(page.getByTestId('update-problem')).toContainText('There is not enough room for a backup.');
    await page.getByTestId('update-problem').scrollIntoViewIfNeeded();
    await expectAccessibleInBothThemes(app, `updates-THEME-${width}`);
  });
}

test('[E12] a file that was handed in is shown for a look, and imported only by a click', async ({ app }) => {
  const { page } = app;
  const conversation = {
    title: 'From a double click',
    create_time: 1_700_000_000,
    current_node: 'a',
    mapping: {
      a: {
        id: 'a',
        parent: null,
        children: [],
        message: {
          author: { role: 'user' },
          create_time: 1_700_000_000,
          content: { content_type: 'text', parts: ['Hello'] },
          metadata: {},
        },
      },
    },
  };
  const bytes = Buffer.from(JSON.stringify([conversation]));
  const hand = async () => {
    const { importId } = await app.request('data.importBegin', { name: 'talks.sluice', sizeBytes: bytes.length });
    await app.request('data.importAppend', { importId, offsetBytes: 0, data: bytes.toString('base64') });
    await page.evaluate((id) => {
      window.location.hash = `import=${id}`;
    }, importId);
    return importId;
  };
  const first = await hand();
  await expect(page.getByTestId('import-preview')).toContainText('talks.sluice');
  await expect(page.getByTestId('import-preview')).toContainText('From a double click');
  expect((await app.request('sessions.list', {})).sessions).toEqual([]);
  // Another one takes the place of the one that nobody decided about.
  await hand();
  await expect.poll(async () => (await app.requestResult('data.importPreview', { importId: first })).ok).toBe(false);
  await page.getByTestId('import-start').click();
  await expect(page.getByTestId('import-result')).toBeVisible();
  expect((await app.request('sessions.list', {})).sessions).toHaveLength(1);
});
