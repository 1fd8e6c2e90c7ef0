import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { finish, reasoning, text, waitForRelease, words } from '../e2e/fake-upstream/script.ts';

/** The pictures stand in a page of text: a little smaller than a window. */
const SIZE = { width: 1120, height: 720 };

const NOTES: Record<string, string> = {
  'Release checklist': 'What happens to a lease when its holder is paused for longer than the lease runs?',
  'Reading notes: distributed locks':
    'The lease expires while the holder still believes that it owns it. A fencing token makes the storage refuse the late write.',
  'Flat in Leipzig':
    'Read the lease for four things: the notice period, who pays for small repairs, the deposit, and the index clause.',
  四月去成都的行程: '租车合同（lease）请带上翻译件，取车时拍下里程表。',
};
const PROMPTS: Record<string, string> = {
  'Review a change': 'Read this change as a careful reviewer. Name what breaks first.\n\n{{diff}}',
  'Note for support': 'Two short paragraphs for {{team=support}}, no jargon:\n{{text}}',
  Translate: 'Into {{language=English}}, in the tone of the original:\n{{text}}',
  会议纪要: '把下面的记录整理成会议纪要：\n{{text}}',
};

interface Guide {
  page: Page;
  fake: FakeUpstream;
  folder: string;
  call: (route: string, input: unknown) => Promise<unknown>;
}

/** Takes the pictures of the guide that need neither keys nor figures, from an application with a few conversations. */
export async function takeGuidePictures({ page, fake, folder, call }: Guide): Promise<void> {
  await page.setViewportSize(SIZE);
  await page.emulateMedia({ colorScheme: 'light' });
  const take = (name: string) => page.screenshot({ path: join(folder, `guide-${name}.png`), animations: 'disabled' });
  for (const [title, note] of Object.entries(NOTES)) {
    fake.next([text(note), finish({ usage: { input: 420, output: 64 } })]);
    await call('chat.run', { session_id: title, input: title });
  }
  for (const [title, tags] of Object.entries({
    'Release checklist': ['work'],
    'Flat in Leipzig': ['home'],
    四月去成都的行程: ['travel'],
  }))
    await call('sessions.update', { sessionId: title, tags });
  await call('sessions.update', { sessionId: 'Release checklist', pinned: true });
  for (const [name, body] of Object.entries(PROMPTS)) await call('prompts.save', { name, body });
  await call('settings.set', { values: { theme: 'light', language: 'en' } });
  await page.reload();

  const input = page.getByTestId('composer-input');
  await page.getByTestId('new-chat').click();
  fake.next(
    [
      reasoning('The time follows from the height and g alone.'),
      ...words(
        'Without air, every body falls alike:\n\n$$t=\\sqrt{\\frac{2h}{g}}$$\n\n| Height | Time |\n|---|---|\n| 5 m | 1.01 s |\n| 20 m | 2.02 s |\n| 80 m | 4.04 s |\n\n```python\ndef fall_seconds(height_m, g=9.81):\n    return (2 * height_m / g) ** 0.5\n```',
      ),
      finish({ usage: { input: 64, output: 118 } }),
    ],
    [...words('With air it depends on shape and mass.'), waitForRelease('never')],
  );
  await input.fill('How long does a stone fall from 20 m? With a table and a line of code.');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid="message-assistant"][data-state="done"]').waitFor();
  await page.locator('.katex').first().waitFor();
  await page.getByTestId('conversation-settings').click();
  await page.getByTestId('drawer').waitFor();
  await page.getByTestId('context-meter').waitFor();
  await page.getByLabel('Temperature').fill('0.2');
  await page.getByLabel('Temperature').press('Tab');
  await page.getByRole('button', { name: 'Back to the model' }).waitFor();
  await take('conversation');
  await page.getByTestId('conversation-settings').click();
  await input.fill('And with air?');
  await page.keyboard.press('Enter');
  await page.getByText('shape and mass').waitFor();
  for (const message of ['Give a source for the drag coefficient', 'Then write it as a short note for the class']) {
    await input.fill(message);
    await page.keyboard.press('Enter');
    await page.getByTestId('queue-item').filter({ hasText: message }).waitFor();
  }
  await take('queue');

  await page.keyboard.press('ControlOrMeta+k');
  await page.getByTestId('palette-input').waitFor();
  await page.keyboard.type('re');
  await take('palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+/');
  await page.getByTestId('shortcuts').waitFor();
  await take('shortcuts');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Shift+F');
  await page.getByTestId('search-input').fill('lease');
  await page.getByTestId('search-hit').first().waitFor();
  await take('search');
  await page.getByTestId('nav-prompts').click();
  await page.getByTestId('prompt').first().waitFor();
  await take('prompts');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  await page.getByTestId('back-up').click();
  await page.getByTestId('backups').getByRole('listitem').first().waitFor();
  await page.mouse.move(0, 0);
  await take('data');
  await call('settings.set', { values: { language: 'zh-CN' } });
  await page.getByTestId('nav-settings').click();
  await page.getByRole('heading', { level: 1, name: '设置' }).waitFor();
  await take('settings-zh');
  await call('settings.set', { values: { language: 'en' } });
}
