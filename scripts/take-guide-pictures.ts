import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { finish, reasoning, text, waitForRelease, words } from '../e2e/fake-upstream/script.ts';
import { startHeadless } from '../e2e/host-process.ts';

// Takes the pictures of the guide from the built application: `node scripts/take-guide-pictures.ts [folder]`. CHROMIUM_PATH names
// the browser. The upstream is scripted, so the pictures show invented conversations. ImageMagick, where it is there, makes them small.

const OUT = process.argv[2] ?? join(import.meta.dirname, '..', 'docs', 'images');
const TOKEN = 'pictures';

const fake = await FakeUpstream.start();
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-pictures-'));
const host = await startHeadless({ node: process.execPath, dataDir, token: TOKEN, port: 0, env: {} });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});

async function call(route: string, input: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${host.url}/api/app/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(input),
  });
  const { data } = (await response.json()) as { data: Record<string, unknown> };
  return data;
}

async function take(page: Page, name: string): Promise<void> {
  // Past the colours' short fade and what is drawn in the pauses.
  await page.waitForTimeout(500);
  const path = join(OUT, `guide-${name}.png`);
  await page.screenshot({ path });
  try {
    execFileSync('convert', [path, '+dither', '-colors', '96', '-define', 'png:compression-level=9', `PNG8:${path}`]);
  } catch {
    // The picture is right, and larger.
  }
}

async function send(page: Page, message: string): Promise<void> {
  await page.getByTestId('composer-input').fill(message);
  await page.keyboard.press('Enter');
}

async function ended(page: Page, answers: number): Promise<void> {
  await page
    .locator('[data-testid="message-assistant"][data-state="done"]')
    .nth(answers - 1)
    .waitFor();
}

try {
  mkdirSync(OUT, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1120, height: 720 } });
  await page.goto(`${host.url}/#token=${TOKEN}`);
  await page.getByTestId('first-run').waitFor();
  await take(page, 'first-run');

  const profile = { name: 'Home lab', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'qwen3-8b' };
  const { id: profileId } = await call('profiles.create', profile);
  for (const [label, secret] of [
    ['Mine', 'sk-picture-0123456789abcdef-one'],
    ['Shared with the team', 'sk-picture-0123456789abcdef-two'],
  ]) {
    await call('credentials.create', { profileId, label, secret });
  }
  await call('models.saveOverride', { profile: null, model: '*', input: '0.4', output: '1.6' });
  await call('settings.set', {
    values: { defaultProfile: 'Home lab', compressionTailMessages: 2, summaryProfile: '' },
  });
  for (const [title, tags] of [
    ['Unit names for the sensor API', ['Work']],
    ['Trip to Chengdu in April', ['Travel']],
    ['Cover letter, second draft', ['Work', 'Drafts']],
  ] as const) {
    fake.next([text('Done.'), finish({ usage: { input: 900, output: 240 } })]);
    await call('chat.run', { session_id: title, input: title });
    await call('sessions.update', { sessionId: title, tags });
  }
  await page.reload();

  fake.next(
    [
      reasoning('A falling body without air: the mass cancels.'),
      ...words(
        'Without air, every body falls alike:\n\n$$ t = \\sqrt{\\frac{2h}{g}} $$\n\n| Height | Time |\n|---|---|\n| 5 m | 1.01 s |\n| 20 m | 2.02 s |\n| 80 m | 4.04 s |\n\n```python\ndef fall_seconds(height_m, g=9.81):\n    return (2 * height_m / g) ** 0.5\n```',
      ),
      finish({ usage: { input: 640, output: 180 } }),
    ],
    [text('With air it depends on shape and mass. '), waitForRelease('never')],
  );
  await send(page, 'How long does a stone fall from 20 m? With a table and a line of code.');
  await ended(page, 1);
  await page.getByTestId('conversation-settings').click();
  await page.getByTestId('parameter-temperature').fill('0.2');
  await page.getByTestId('parameter-temperature').press('Enter');
  await page.getByTestId('parameters-reset').waitFor();
  await take(page, 'conversation');
  await page.keyboard.press('Escape');

  await send(page, 'And with air?');
  await page.getByText('With air it depends').waitFor();
  for (const message of ['Give a source for the drag coefficient', 'Then write it as a short note for the class']) {
    await send(page, message);
    await page.getByTestId('queue-item').filter({ hasText: message }).waitFor();
  }
  await take(page, 'queue');
  await page.getByTestId('stop').click();
  await page.getByTestId('send').waitFor();

  const water = (turn: number) => `Chapter ${turn}: ${'the river rises slowly in spring. '.repeat(60)}`;
  for (let turn = 1; turn <= 5; turn++) {
    fake.next([text(`Noted. ${'The banks hold. '.repeat(30)}`), finish({ usage: { input: 1200, output: 200 } })]);
    const { run_id } = await call('chat.run', { session_id: 'River notes', input: water(turn) });
    for (let tries = 0; tries < 100; tries++) {
      if ((await call('runs.get', { runId: run_id }))['status'] === 'success') break;
      await page.waitForTimeout(50);
    }
  }
  await call('sessions.rename', { sessionId: 'River notes', title: 'River notes' });
  fake.next([
    text('## Goal\nNotes on a river in spring.\n\n## Decided\nThe banks hold; levels are read on Mondays.'),
    finish({ usage: { input: 2000, output: 60 } }),
  ]);
  await call('sessions.compact', { sessionId: 'River notes' });
  await page.locator('[data-session-id="River notes"] button').first().click();
  const divider = page.getByTestId('compaction').getByRole('button').first();
  await divider.scrollIntoViewIfNeeded();
  await divider.click();
  await page.getByTestId('compaction-summary').waitFor();
  await page.getByTestId('compaction').evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await take(page, 'compaction');

  for (const [name, shown] of [
    ['credentials', 'keys'],
    ['usage', 'usage'],
  ] as const) {
    await page.getByTestId(`nav-${name}`).click();
    await take(page, shown);
  }
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  await take(page, 'data');
  await page.getByTestId('nav-localApi').click();
  await page.getByTestId('snippet-code').waitFor();
  await take(page, 'local-api');
} finally {
  await browser.close();
  await host.stop();
  await fake.close();
  rmSync(dataDir, { recursive: true, force: true });
}
