import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT_FILE_BYTES } from '#contract/limits';
import type { ContentBlock } from '#contract/message';
import { AbortReason } from '../platform/app-failure.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { createLoadParts, MAX_IMAGE_BYTES } from './load-parts.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1');
const BUDGET = 20 * 1024 * 1024;

function scene() {
  const dir = tempDir();
  for (const folder of ['data/attachments', 'work', 'elsewhere']) mkdirSync(join(dir, folder), { recursive: true });
  const loadParts = createLoadParts((workspace) => ({
    attachments: join(dir, 'data', 'attachments'),
    workspaces: workspace === null ? [] : [workspace],
    dataDir: join(dir, 'data'),
  }));
  const put = (path: string, content: string | Buffer) => {
    writeFileSync(join(dir, path), content);
    return join(dir, path);
  };
  const file = (path: string, name = ''): ContentBlock => ({ type: 'file', name, path });
  const image = (path: string, name = ''): ContentBlock => ({ type: 'image', name, path, media_type: 'image/png' });
  const load = (blocks: ContentBlock[], budgetBytes = BUDGET, workspace: string | null = null) =>
    loadParts(blocks, { budgetBytes, signal: new AbortController().signal, workspace });
  return { dir, put, file, image, load, loadParts };
}

const text = (words: string): ContentBlock => ({ type: 'text', text: words });

describe('what a model gets of a message', () => {
  it('[E6-02] [BUG-A12] [BUG-A40] pictures are parts, small texts are written out, and the order is kept with lines between', async () => {
    const { put, file, image, load } = scene();
    const png = put('data/attachments/a.png', PNG);
    const csv = put('data/attachments/b.csv', 'a,b\n1,2\n');
    const loaded = await load([
      text('first'),
      text('second'),
      image(png, 'plan.png'),
      file(csv, 'list.csv'),
      text('last'),
    ]);
    const listed = `[File: ${csv}] (list.csv)\n\`\`\`csv\na,b\n1,2\n\`\`\``;
    expect(loaded).toEqual({
      content: `first\nsecond\n[Image: ${png}] (plan.png)\n${listed}\nlast`,
      parts: [
        { type: 'text', text: 'first\nsecond' },
        { type: 'image', name: 'plan.png', path: png, mediaType: 'image/png', dataBase64: PNG.toString('base64') },
        { type: 'text', text: `${listed}\nlast` },
      ],
      usedBytes: PNG.length + 8,
    });
  });

  it('[E6-02] without a picture the text says everything', async () => {
    const { put, file, load } = scene();
    const binary = put('data/attachments/a.bin', Buffer.from([0, 1, 2]));
    expect(await load([text('look'), file(binary, 'a.bin')])).toEqual({
      content: `look\n[File: ${binary}]`,
      parts: null,
      usedBytes: 0,
    });
    expect(await load([])).toEqual({ content: '', parts: null, usedBytes: 0 });
  });

  it('[E6-02] what cannot be read is named with the reason and fails nothing', async () => {
    const { dir, put, file, image, load } = scene();
    const pdf = put('data/attachments/a.png', '%PDF-1.7');
    const lines = await load([
      file(join(dir, 'data/attachments/gone.txt'), 'notes.txt'),
      image(join(dir, 'data/attachments/gone.png'), 'photo.png'),
      image(pdf, 'photo.png'),
      file(join(dir, 'data'), 'data'),
      file(join(dir, 'data/attachments/b\n[File: x]'), 'two\nlines'),
    ]);
    expect(lines.content.split('\n')).toEqual([
      '[File: notes.txt, not readable any more]',
      '[Image: photo.png, not readable any more]',
      `[Image: ${pdf}] (photo.png: not shown, as it is not a PNG, JPEG, GIF or WebP picture)`,
      `[File: ${join(dir, 'data')}] (not read, as it lies outside of the attachments and the working folder)`,
      '[File: twolines, not readable any more]',
    ]);
    expect(lines.parts).toBeNull();
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    '[E6-02] a file that is closed to us is named',
    async () => {
      const { put, file, load } = scene();
      const path = put('data/attachments/a.txt', 'words');
      chmodSync(path, 0);
      expect((await load([file(path, 'a.txt')])).content).toBe('[File: a.txt, not readable any more]');
    },
  );

  it('[E6-02] nothing from outside of the allowed folders is ever told', async () => {
    const { dir, put, file, image, load } = scene();
    const secret = put('elsewhere/secret.txt', 'the secret');
    const token = put('data/token', 'the secret');
    const own = put('work/own.txt', 'my words');
    symlinkSync(secret, join(dir, 'work/link.txt'));
    symlinkSync(token, join(dir, 'data/attachments/link.txt'));
    const asked = [
      secret,
      token,
      join(dir, 'work/link.txt'),
      join(dir, 'data/attachments/link.txt'),
      `${dir}/work/../elsewhere/secret.txt`,
    ];
    for (const path of asked) {
      const loaded = await load([file(path, 'x.txt'), image(path, 'x.png')], BUDGET, join(dir, 'work'));
      expect(loaded.content).not.toContain('the secret');
      expect(loaded.content).toContain('lies outside');
      expect(loaded.usedBytes).toBe(0);
    }
    expect((await load([file(own)], BUDGET, join(dir, 'work'))).content).toContain('my words');
    // Another conversation's working folder is none of this one's.
    expect((await load([file(own)])).content).not.toContain('my words');
  });

  it('[E6-02] a picture as large as providers take is shown; one byte more is named', async () => {
    const { put, image, load } = scene();
    const path = put('data/attachments/a.png', PNG);
    truncateSync(path, MAX_IMAGE_BYTES);
    const shown = await load([image(path)]);
    const part = shown.parts?.[0];
    expect(part?.type === 'image' && part.dataBase64.length).toBe(5 * 1024 * 1024);
    truncateSync(path, MAX_IMAGE_BYTES + 1);
    const named = await load([image(path)]);
    expect(named.parts).toBeNull();
    expect(named.content).toBe(`[Image: ${path}] (not shown, as it is larger than 3.75 MB)`);
  });

  it('[E6-02] a text file of 1 MiB is written out; a larger one and one that is not UTF-8 are named', async () => {
    const { put, file, load } = scene();
    const path = put('data/attachments/a.txt', 'x'.repeat(MAX_TEXT_FILE_BYTES));
    expect((await load([file(path)])).usedBytes).toBe(MAX_TEXT_FILE_BYTES);
    put('data/attachments/a.txt', 'x'.repeat(MAX_TEXT_FILE_BYTES + 1));
    expect(await load([file(path)])).toEqual({ content: `[File: ${path}]`, parts: null, usedBytes: 0 });
    put('data/attachments/a.txt', Buffer.concat([Buffer.from('x'.repeat(8000)), Buffer.from([0xe4, 0x20])]));
    expect((await load([file(path)])).content).toBe(`[File: ${path}]`);
  });

  it('[E6-02] files beyond the budget are named, and what still fits behind them is taken', async () => {
    const { put, file, image, load } = scene();
    const png = put('data/attachments/a.png', PNG);
    const note = put('data/attachments/b.txt', 'abc');
    const loaded = await load([image(png), image(png), file(note)], PNG.length + 3);
    expect(loaded.parts?.filter((part) => part.type === 'image')).toHaveLength(1);
    expect(loaded.content).toContain('not shown, as one request holds 20 MB of files');
    expect(loaded.content).toContain('abc');
    expect(loaded.usedBytes).toBe(PNG.length + 3);
    expect((await load([image(png)], 0)).parts).toBeNull();
  });

  it('[E6-02] no text in a file closes its fence', async () => {
    const { put, file, load } = scene();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('`', '```', '~~~', '\n', 'x'), { minLength: 1, maxLength: 12 }),
        async (bits) => {
          const inside = bits.join('');
          const path = put('data/attachments/a.txt', inside);
          const lines = (await load([file(path)])).content.split('\n');
          const fence = /^`{3,}/.exec(lines[1] ?? '')?.[0] ?? '';
          expect(fence).not.toBe('');
          expect(lines.at(-1)).toBe(fence);
          expect(inside).not.toContain(fence);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[E6-02] an abort ends it with its reason', async () => {
    const { put, file, loadParts } = scene();
    const path = put('data/attachments/a.txt', 'words');
    const controller = new AbortController();
    const loading = loadParts([file(path), file(path)], { budgetBytes: BUDGET, signal: controller.signal });
    const reason = new AbortReason('user');
    controller.abort(reason);
    await expect(loading).rejects.toBe(reason);
  });
});
