import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, type SluiceApp, test } from './app.fixture.ts';
import { answer } from './fake-upstream/script.ts';

/** Four words of English in a row are a sentence that nobody said in Chinese. */
const ENGLISH = /\p{Script=Latin}+(?:[ ’'][\p{Script=Latin}]+){3,}/u;

async function inChinese(app: SluiceApp): Promise<void> {
  // Refused requests are this file's story.
  app.expectConsoleError(/status of (4\d\d|5\d\d)/);
  await app.request('settings.set', { values: { language: 'zh-CN' } });
  await app.page.reload();
  await expect(app.page.locator('html')).toHaveAttribute('lang', 'zh-CN');
}

/** What stands there is Chinese, and none of it is left in English. */
async function expectChinese(place: Locator, wanted: string | RegExp): Promise<void> {
  await expect(place).toContainText(wanted);
  expect((await place.allInnerTexts()).join('\n')).not.toMatch(ENGLISH);
}

async function say(app: SluiceApp, text: string): Promise<void> {
  await app.page.getByTestId('composer-input').fill(text);
  await app.page.keyboard.press('Enter');
}

test('[E12] a key that is refused at the door is refused in Chinese', async ({ app }) => {
  const { page } = app;
  await inChinese(app);
  app.fake.setModels(answer(401, { error: { message: 'no such key' } }));
  await page.getByTestId('paste-anything').click();
  const headers = '-H "Authorization: Bearer sk-planted-0123456789abcdef"';
  await page.keyboard.insertText(`curl ${app.fake.url}/v1/chat/completions ${headers} -d '{"model": "fake-1"}'`);
  await page.getByTestId('use-key').click();
  await expectChinese(page.getByTestId('key-door').getByRole('alert'), '没有接受这个密钥');
});

test('[E12] files, imports and links that are refused are refused in Chinese', async ({ app }, info) => {
  const { page } = app;
  await inChinese(app);
  await page
    .getByTestId('attach-input')
    .setInputFiles({ name: 'leer.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
  await expectChinese(page.getByTestId('attachment'), '“leer.txt”是空文件');
  await app.screenshot('zh-attachment');

  for (const [address, wanted] of [
    ['sluice://connect?provider=nobody', '链接中没有 Sluice 认识的服务商'],
    ['sluice://connect?provider=anthropic&url=ftp://x', '地址必须以 http:// 或 https:// 开头'],
    ['sluice://session?id=nowhere', '链接指向的对话不在这里'],
  ] as const) {
    await app.request('links.offer', { address });
    await expectChinese(page.getByTestId('link-dialog'), wanted);
    await app.screenshot('zh-link');
    await page.getByTestId('link-dialog').getByRole('button').last().click();
  }

  await page.getByTestId('nav-settings').click();
  await page.getByTestId('open-data').click();
  const broken = info.outputPath('x.json');
  writeFileSync(broken, '{"mapping": ');
  await page.getByTestId('import-file').setInputFiles(broken);
  await expectChinese(page.getByTestId('error-row'), '它不是 JSON，或不完整');
  await app.screenshot('zh-import-refused');
  const zip = info.outputPath('y.zip');
  writeFileSync(zip, 'PK\u0003\u0004 and nothing more');
  await page.getByTestId('import-file').setInputFiles(zip);
  await expect(page.getByTestId('error-row')).toContainText('无法接受这个 zip 文件：文件已损坏或不完整');
  const empty = info.outputPath('conversations.json');
  writeFileSync(empty, JSON.stringify([{ title: '空', mapping: {}, create_time: 1 }]));
  await page.getByTestId('import-file').setInputFiles(empty);
  await expectChinese(page.getByTestId('import-preview'), '其中没有可读取的消息。');
  await app.screenshot('zh-import-row');
});

test('[E12] keys, proxies, limits and prompts that are refused are refused in Chinese', async ({ app }) => {
  const { page } = app;
  await inChinese(app);
  const there = { name: 'Nachbar', kind: 'openai-chat', baseUrl: 'http://127.0.0.1:9' } as const;
  const { id } = await app.request('profiles.create', there);
  await app.request('credentials.create', { profileId: id, label: 'Eins', secret: 'sk-e2e-0123456789abcdef' });
  await page.getByTestId('nav-credentials').click();
  await page.getByTestId('check-health').last().click();
  await expectChinese(page.getByRole('status').filter({ hasText: 'Nachbar' }), '的地址无人应答');
  await app.screenshot('zh-health');

  await page.getByTestId('open-proxies').click();
  const form = page.getByTestId('proxy-form-global');
  await form.getByText('经过代理').click();
  await form.getByRole('textbox').first().fill('ftp://proxy:1');
  await form.getByRole('button').last().click();
  await expectChinese(form, '不能使用“ftp”类型的代理');
  await app.screenshot('zh-proxy');

  await page.getByTestId('nav-usage').click();
  await page
    .getByTestId('budget-limit')
    .or(page.getByRole('button', { name: '添加预算' }))
    .first()
    .click();
  await page.getByTestId('budget-limit').fill('viel');
  await page.getByTestId('save-budget').click();
  await expectChinese(page.locator('form').filter({ has: page.getByTestId('budget-limit') }), '不是金额');
  await app.screenshot('zh-budget');
});

test('[E12] commands and failed answers are told in Chinese', async ({ app }) => {
  const { page, fake } = app;
  await inChinese(app);
  await say(app, '/echo hallo');
  await expect(page.getByTestId('message-assistant')).toBeVisible();
  await expect(page.getByTestId('send')).toBeVisible();
  for (const [command, wanted] of [
    ['/stop', '没有正在进行的回答，无需停止'],
    ['/title ', '请在 /title 后写标题'],
    ['/model o4-mini', '下一个回答将来自 o4-mini'],
    ['/queue ', '这个对话中没有消息在等待'],
  ] as const) {
    await say(app, command);
    await expect(page.getByTestId('composer-input')).toHaveValue('');
    await expectChinese(page.getByTestId('command-line'), wanted);
  }
  await app.screenshot('zh-command');

  const profile = await app.request('profiles.create', {
    name: 'fake',
    kind: 'openai-chat',
    baseUrl: fake.url,
    defaultModel: 'm',
  });
  await app.request('credentials.create', { profileId: profile.id, label: 'Eins', secret: 'sk-e2e-0123456789abcdef' });
  await app.request('settings.set', { values: { defaultProfile: 'fake' } });
  await page.reload();
  await page.getByRole('button', { name: '新对话' }).first().click();
  fake.next(answer(200, 'plain words', { 'content-type': 'text/plain' }));
  await say(app, 'hallo');
  await expectChinese(page.getByTestId('error-row'), '请检查服务商的地址和类型是否相符');
  await app.screenshot('zh-unread-answer');
});

test('[E12] conversations that cannot be opened are told of in Chinese', async ({ app }) => {
  await inChinese(app);
  await app.request('chat.run', { session_id: 'one', input: '/echo hallo' });
  await app.kill();
  truncateSync(join(app.dataDir, 'sluice.db'), 30_000);
  await app.start();
  const { page } = app;
  await expectChinese(page.getByTestId('rescue'), '对话文件已损坏，无法打开');
  await app.screenshot('zh-rescue');
});
