import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { expectAccessible } from './expect-accessible.ts';

/** A picture of one colour, as bytes. */
function png(width: number, height: number, [red, green, blue]: [number, number, number]): Buffer {
  const table = Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
  const crc = (bytes: Buffer) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([red, green, blue]))]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const PICTURE = { name: 'harbour.png', mimeType: 'image/png', buffer: png(320, 180, [70, 130, 150]) };
const TABLE = {
  name: 'charges-friday.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from('attempt,orders\n1,18204\n2,611\n'),
};

const chips = (app: SluiceApp) => app.page.getByTestId('attachment');

async function pick(app: SluiceApp, files: (typeof PICTURE)[]): Promise<void> {
  await app.page.getByTestId('attach-input').setInputFiles(files);
}

test('[E6-01] [E6-08] files are picked, sent with the text, shown in the conversation and still there after a restart', async ({
  app,
}) => {
  const { page } = app;
  await pick(app, [PICTURE, TABLE]);
  await expect(chips(app)).toHaveCount(2);
  await expect(chips(app).first()).toHaveAttribute('data-state', 'ready');
  await expect(chips(app).last()).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('composer-input').fill('What is in these?');
  await app.screenshot('attachments-composer');
  await expectAccessible(app);
  await page.keyboard.press('Enter');
  await expect(chips(app)).toHaveCount(0);
  const said = page.getByTestId('message-user');
  await expect(said).toContainText('What is in these?');
  await expect(said).not.toContainText('[Image');
  await expect(said.getByTestId('file-chip')).toHaveText('charges-friday.csv');
  const width = () => said.getByTestId('message-image').evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(width).toBe(320);
  await expectAccessible(app);
  await app.screenshot('attachments-conversation');
  await app.restart();
  await app.page.getByTestId('session-item').first().click();
  const again = app.page.getByTestId('message-image');
  await expect.poll(() => again.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);
});

test('[E6-08] a long paste becomes a file that is read, kept over a reload and pasted as text after all', async ({
  app,
}) => {
  const { page } = app;
  const text = `first words\n${'a line of a log that somebody pastes\n'.repeat(1000)}last words\n`;
  const paste = (keys: string) =>
    page.evaluate((words) => navigator.clipboard.writeText(words), text).then(() => page.keyboard.press(keys));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const field = page.getByTestId('composer-input');
  await field.focus();
  await paste('Control+V');
  await expect(chips(app)).toHaveAttribute('data-state', 'ready');
  await expect(chips(app)).toContainText('Pasted text.txt');
  await expect(page.getByTestId('composer-hint')).toContainText('attached as a file');
  await expect(field).toHaveValue('');
  await expectAccessible(app);
  await app.screenshot('attachments-pasted');
  await chips(app).getByTestId('attachment-read').click();
  await expect(page.getByTestId('attachment-text')).toContainText('last words');
  await expectAccessible(app);
  await app.screenshot('attachments-pasted-read');
  await page.keyboard.press('Escape');
  await page.reload();
  await chips(app).getByTestId('attachment-as-text').click();
  await expect(chips(app)).toHaveCount(0);
  await expect(field).toHaveValue(text);
  // What waits for a pause in writing is kept by a page that is left.
  await field.press('x');
  await page.reload();
  await expect(field).toHaveValue(`${text}x`);
  await field.fill('');
  await paste('Control+Shift+V');
  await expect(field).toHaveValue(text);
  await expect(chips(app)).toHaveCount(0);
});

test('[E6-01] a picture alone is a message', async ({ app }) => {
  await pick(app, [PICTURE]);
  await expect(chips(app)).toHaveAttribute('data-state', 'ready');
  await app.page.getByTestId('send').click();
  await expect(app.page.getByTestId('message-image')).toBeVisible();
  await expect(app.page.getByTestId('message-assistant')).toBeVisible();
});

test('[E6-08] a file is taken back before it is sent, and a draft keeps its files over a reload', async ({ app }) => {
  const { page } = app;
  await pick(app, [PICTURE, TABLE]);
  await expect(chips(app).nth(1)).toHaveAttribute('data-state', 'ready');
  await chips(app).first().getByTestId('attachment-remove').click();
  await expect(chips(app)).toHaveCount(1);
  await page.reload();
  await expect(chips(app)).toContainText('charges-friday.csv');
  await page.getByTestId('composer-input').fill('Look');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('file-chip')).toHaveText('charges-friday.csv');
});

test('[E6-08] a file that is too large is refused in words beside its name, and the text is not sent without it', async ({
  app,
}) => {
  const { page } = app;
  app.expectConsoleError(/413/);
  // Made in the page: Playwright hands over no file of this size.
  await page.getByTestId('attach-input').evaluate((input: HTMLInputElement) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(50 * 1024 * 1024 + 1)], 'film.mov', { type: 'video/quicktime' }));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await expect(chips(app)).toHaveAttribute('data-state', 'failed');
  await expect(chips(app).getByRole('alert')).toContainText(/[A-Z].{15,}/);
  await page.getByTestId('composer-input').fill('Look');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-hint')).toContainText('could not be attached');
  await expect(page.getByTestId('composer-input')).toHaveValue('Look');
  await app.screenshot('attachments-failed');
  await expectAccessible(app);
});

test('[E6-08] what is dropped on the window and what is pasted is attached', async ({ app }) => {
  const { page } = app;
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['one'], 'dropped.txt', { type: 'text/plain' }));
    return transfer;
  });
  await page.dispatchEvent('#main', 'dragenter', { dataTransfer: dropped });
  await expect(page.getByTestId('drop-veil')).toBeVisible();
  await app.screenshot('attachments-drop');
  await page.dispatchEvent('#main', 'drop', { dataTransfer: dropped });
  await expect(page.getByTestId('drop-veil')).toHaveCount(0);
  await expect(chips(app)).toContainText(['dropped.txt']);

  await page.getByTestId('composer-input').evaluate((field) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['two'], 'pasted.txt', { type: 'text/plain' }));
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
  });
  await expect(chips(app)).toContainText(['dropped.txt', 'pasted.txt']);

  await test.step('what was under the pointer goes, as in an answer that grows: the veil goes with the file all the same', async () => {
    await page.evaluate((dataTransfer) => {
      const send = (target: Element, kind: string) =>
        target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      const main = document.querySelector('#main') as HTMLElement;
      const passing = main.appendChild(document.createElement('p'));
      send(passing, 'dragenter');
      passing.remove();
      send(main, 'dragenter');
      send(main, 'dragleave');
    }, dropped);
    await expect(page.getByTestId('drop-veil')).toHaveCount(0);
  });
  await test.step('a page that takes no files refuses them; the browser would show the file in its place', async () => {
    await page.getByTestId('nav-usage').click();
    await expect(page.getByTestId('usage-page')).toBeVisible();
    const refused = await page.evaluate((dataTransfer) => {
      const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('#main')?.dispatchEvent(over);
      return over.defaultPrevented && dataTransfer.dropEffect === 'none';
    }, dropped);
    expect(refused).toBe(true);
  });
});

test('[E6-01] a waiting message shows its file and goes out with it', async ({ app }) => {
  const { page } = app;
  await page.getByTestId('composer-input').fill('/slow');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('live-line')).toContainText('Writing');
  await pick(app, [TABLE]);
  await expect(chips(app)).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('composer-input').fill('/echo with a table');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('queue-file')).toContainText('charges-friday.csv');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('message-user').last().getByTestId('file-chip')).toHaveText('charges-friday.csv');
});

test('[E6-08] a kept draft says which of its files is stored no longer, and is not sent without it', async ({
  app,
}) => {
  const { page } = app;
  await pick(app, [PICTURE, TABLE]);
  await expect(chips(app).and(page.locator('[data-state="ready"]'))).toHaveCount(2);
  const folder = join(app.dataDir, 'attachments');
  const [gone] = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  rmSync(join(folder, gone ?? ''));
  app.expectConsoleError(/404/);
  await page.reload();
  const failed = chips(app).filter({ hasText: TABLE.name });
  await expect(failed).toContainText('This file is no longer kept. Attach it again.');
  await expect(chips(app).filter({ hasText: PICTURE.name })).toHaveAttribute('data-state', 'ready');
  await app.screenshot('attachments-gone');
  await expectAccessible(app);
  await page.getByTestId('composer-input').fill('Look at these');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer-hint')).toContainText(TABLE.name);
  // A second reload says the same again: the chip has not quietly gone.
  await page.reload();
  await expect(failed).toHaveAttribute('data-state', 'failed');
});

test('[E3-06] a removed message whose queue stands still since comes back to the composer with its files', async ({
  app,
}) => {
  const { page } = app;
  await page.getByTestId('composer-input').fill('/slow');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('live-line')).toContainText('Writing');
  for (const text of ['/echo with a file', '/echo waits']) {
    if (text.includes('file')) await pick(app, [TABLE]);
    await page.getByTestId('composer-input').fill(text);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('queue-item').filter({ hasText: text })).toBeVisible();
  }
  await page.getByTestId('queue-item').filter({ hasText: 'with a file' }).getByTestId('queue-remove').click();
  await page.getByTestId('queue-undo').hover();
  const { sessions } = await app.request('sessions.list', {});
  const session_id = sessions[0]?.id ?? '';
  await expect
    .poll(async () => (await app.request('chat.resume', { session_id })).queueMessages.map((each) => each.content))
    .toEqual(['/echo waits']);
  await app.request('chat.queue_pause', { session_id });
  await app.request('chat.abort', { session_id });
  await expect(page.getByTestId('send')).toBeVisible();
  await page.getByTestId('queue-undo').click();
  await expect(page.getByTestId('composer-input')).toHaveValue('/echo with a file');
  await expect(chips(app)).toContainText(TABLE.name);
  await page.getByTestId('send').click();
  await expect(page.getByTestId('message-user').last()).toContainText(TABLE.name);
});

test('[E6-02] [E2-19] what a model will not be sent as it is, is told before the message goes out', async ({ app }) => {
  const { page } = app;
  const kind = 'openai-chat';
  const made = { name: 'fake', kind, baseUrl: app.fake.url, defaultModel: 'deepseek-v3' } as const;
  const profile = await app.request('profiles.create', made);
  await app.request('credentials.create', { profileId: profile.id, label: 'Key', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake', compressionEnabled: false } });
  await page.reload();
  const note = page.getByTestId('fit-note');
  const report = { name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF\n') };

  await pick(app, [PICTURE, TABLE]);
  await expect(note).toHaveText('1 not sent as it is');
  await pick(app, [report]);
  await expect(note).toHaveText('2 not sent as they are');
  await note.click();
  const told = page.getByRole('dialog', { name: '2 not sent as they are' });
  await expect(told).toContainText('harbour.png');
  await expect(told).toContainText('deepseek-v3 sees no pictures. It gets the name only.');
  await expect(told).toContainText('report.pdf');
  await expect(told).toContainText('Paste what matters as text.');
  await expect(told).not.toContainText('charges-friday.csv');
  await app.screenshot('fit-note-light-1280');
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 600, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await note.click();
  await app.screenshot('fit-note-dark-600');
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1280, height: 800 });
  await note.click();

  await test.step('the remedy is one press away, and a model that sees has nothing left out but the document', async () => {
    await told.getByTestId('fit-other-model').click();
    const picker = page.getByRole('dialog', { name: 'Who answers' });
    await picker.getByRole('combobox').fill('gpt-4o');
    await page.keyboard.press('Enter');
    await expect(note).toHaveText('1 not sent as it is');
    await page.getByRole('button', { name: 'Remove report.pdf' }).click();
    await expect(note).toHaveCount(0);
  });

  await test.step('of a model that nobody knows nothing is claimed', async () => {
    await page.getByTestId('profile-picker').click();
    await page.getByRole('dialog', { name: 'Who answers' }).getByRole('combobox').fill('a-model-of-my-own');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('profile-picker')).toContainText('a-model-of-my-own');
    await expect(note).toHaveCount(0);
  });

  await test.step('a setting that a model refuses is told, too, and leads to where it is set', async () => {
    await page.getByTestId('conversation-settings').click();
    await page.getByTestId('parameter-temperature').fill('0.2');
    await page.keyboard.press('Enter');
    await page.getByTestId('conversation-model').click();
    await page.getByRole('combobox', { name: 'Model' }).fill('o4-mini');
    await page.keyboard.press('Enter');
    await expect(note).toHaveText('1 not sent as it is');
    await page.getByTestId('conversation-settings').click();
    await note.click();
    await expect(page.getByRole('dialog')).toContainText('Left out: this model refuses it.');
    await page.getByTestId('fit-settings').click();
    await expect(page.getByTestId('parameter-temperature')).toBeVisible();
    await page.getByTestId('parameters-reset').click();
    await expect(note).toHaveCount(0);
  });

  await test.step('what is told is what is sent', async () => {
    await page.getByTestId('conversation-model').click();
    await page.getByRole('combobox', { name: 'Model' }).fill('deepseek-v3');
    await page.keyboard.press('Enter');
    await expect(note).toHaveText('1 not sent as it is');
    await page.getByTestId('composer-input').fill('What is this?');
    await page.getByTestId('composer-input').press('Enter');
    await expect(page.getByTestId('message-assistant')).toHaveAttribute('data-state', 'done');
    const sent = JSON.stringify(app.fake.requestsTo('POST', '/v1/chat/completions').at(-1)?.body);
    expect(sent).toContain('harbour.png');
    expect(sent).toContain('18204');
    expect(sent).not.toContain('image_url');
    await expect(note).toHaveCount(0);
  });
});
