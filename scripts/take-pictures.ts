import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { finish, reasoning, text, toolEnd, toolStart, waitForRelease, words } from '../e2e/fake-upstream/script.ts';
import { startHeadless } from '../e2e/host-process.ts';
import { launchChromium } from '../e2e/launch-chromium.ts';
import { takeGuidePictures } from './guide-pictures.ts';

// Takes the pictures of the README and the guide from the built application: `node scripts/take-pictures.ts`.
// CHROMIUM_PATH names the browser. The upstream is scripted, so the pictures show invented conversations. 64 colours are
// enough for them: `mogrify +dither -colors 64 -define png:compression-level=9 docs/images/*.png` makes a third of them.

const OUT = join(import.meta.dirname, '..', 'docs', 'images');
const TOKEN = 'pictures';

const fake = await FakeUpstream.start();
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-pictures-'));
const host = await startHeadless({ node: process.execPath, dataDir, token: TOKEN, port: 0, env: {} });
const browser = await launchChromium(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium');
try {
  mkdirSync(OUT, { recursive: true });
  const call = async (route: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`${host.url}/api/app/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(input),
    });
    return response.json();
  };
  const page = await browser.newPage({ viewport: { width: 1120, height: 720 } });
  await page.goto(`${host.url}/#token=${TOKEN}`);
  await page.getByTestId('local-door').getByRole('button').waitFor();
  await page.screenshot({ path: join(OUT, 'guide-first-run.png'), animations: 'disabled' });
  await call('profiles.create', { name: 'Home lab', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'qwen3-8b' });
  await call('settings.set', { values: { defaultProfile: 'Home lab' } });
  await call('models.saveOverride', { profile: 'Home lab', model: 'qwen3-8b', input: '0.1', output: '0.4' });
  for (const title of ['Unit names for the sensor API', 'Trip to Chengdu in April', 'Cover letter, second draft']) {
    fake.next([text('Done.'), finish()]);
    await call('chat.run', { session_id: title, input: title });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.reload();
  fake.next(
    [
      reasoning(
        'The retry job charges twice when the worker is killed between the charge and the mark. A lease would keep a second worker away.',
      ),
      ...words(
        'Two workers can pick up the same row. Between the charge and the mark there is nothing that says the row is taken.',
      ),
      toolStart('read_file', { id: 'a', arguments: '{"path":"jobs/retry.ts"}', preview: 'jobs/retry.ts' }),
      toolEnd('read_file', { id: 'a', output: 'export async function retryCharges() …', durationSeconds: 0.4 }),
      ...words(
        "The claim has to be part of the same statement that selects the row:\n\n```sql\nupdate charges\n   set leased_until = now() + interval '2 minutes'\n where id = $1 and leased_until < now()\n```\n\nA worker that gets no row back leaves the charge alone.",
      ),
      finish({ usage: { input: 1840, output: 312 } }),
    ],
    [
      reasoning('First the migration, then the workers.'),
      ...words(
        'The migration only adds columns, so the running workers are not disturbed while it is applied:\n\n1. Apply the migration. Old workers ignore the new columns.\n2. Deploy the new worker to one pod and watch for ten minutes.\n3. Deploy the rest. A pod that is restarted now loses only its lease, so the order',
      ),
      waitForRelease('never'),
    ],
  );
  const input = page.getByTestId('composer-input');
  await input.fill('Why are some orders charged twice after a restart?');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid="message-assistant"][data-state="done"]').waitFor();
  await input.fill('Good. Write the migration, and say how we roll it out without stopping the workers.');
  await page.keyboard.press('Enter');
  await page.getByText('loses only its lease').waitFor();
  for (const message of [
    'Add a test that replays Friday’s traffic against the new worker',
    'Draft a note for support: two short paragraphs, no jargon',
  ]) {
    await input.fill(message);
    await page.keyboard.press('Enter');
    await page.getByTestId('queue-item').filter({ hasText: message }).waitFor();
  }
  await input.fill('Also check whether refunds use the same claim');
  for (const theme of ['light', 'dark'] as const) {
    await call('settings.set', { values: { theme } });
    await page.emulateMedia({ colorScheme: theme });
    // Of the answers that came beside this one, one was not looked at yet.
    await page.evaluate(
      (id) => localStorage.setItem('sluice.unread', JSON.stringify([id])),
      'Trip to Chengdu in April',
    );
    await page.reload();
    await page.getByTestId('queue-item').first().waitFor();
    await page.getByText('loses only its lease').waitFor();
    await page.getByTestId('context-meter').waitFor();
    await page.locator('[data-testid="code-block"][data-coloured="true"]').first().waitFor();
    await page.screenshot({ path: join(OUT, `chat-${theme}.png`), animations: 'disabled' });
  }
  await takeGuidePictures({ page, fake, folder: OUT, call });
} finally {
  await browser.close();
  await host.stop();
  await fake.close();
  rmSync(dataDir, { recursive: true, force: true });
}
