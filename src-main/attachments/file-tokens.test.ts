import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ContentBlock } from '#contract/message';
import type { PictureRule } from '../compressor/image-tokens.ts';
import { AbortReason } from '../platform/app-failure.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { FileTokens } from './file-tokens.ts';
import { createLoadParts } from './load-parts.ts';

/** A PNG's first two chunks; a reader of sizes needs no more. */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write('IHDR', 4, 'latin1');
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 2, 0, 0, 0], 16);
  const data = deflateSync(Buffer.alloc(10));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), header, data]);
}

function scene() {
  const dir = tempDir();
  const own = join(dir, 'data', 'attachments');
  const work = join(dir, 'work');
  mkdirSync(own, { recursive: true });
  mkdirSync(work);
  const loads: string[] = [];
  const loadParts = createLoadParts((workspace) => ({
    attachments: own,
    workspaces: workspace === null ? [] : [workspace],
    dataDir: join(dir, 'data'),
  }));
  const files = new FileTokens({
    loadParts: (blocks, options) => {
      loads.push(...blocks.map((block) => (block.type === 'text' ? '' : block.path)));
      return loadParts(blocks, options);
    },
    isOwn: (path) => path.startsWith(own),
    countTokens: (texts, _model, signal) => {
      signal.throwIfAborted();
      return Promise.resolve(texts.map((text) => text.length));
    },
  });
  const put = (folder: string, name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const count = (blocks: ContentBlock[], more: { pictures?: PictureRule; model?: string; signal?: AbortSignal } = {}) =>
    files.count(blocks, {
      workspace: work,
      pictures: more.pictures ?? 'openai',
      model: more.model ?? null,
      signal: more.signal ?? new AbortController().signal,
    });
  return { own, work, put, count, loads };
}

const image = (path: string): ContentBlock => ({ type: 'image', name: 'a.png', path, media_type: 'image/png' });
const file = (path: string): ContentBlock => ({ type: 'file', name: 'a.csv', path });

describe('what files cost', () => {
  it('[E7-14] a picture costs by its size and its maker’s rule, and its line', async () => {
    const { own, put, count } = scene();
    const path = put(own, 'a.png', png(1000, 1000));
    const line = `[Image: ${path}]`.length;
    expect(await count([{ type: 'text', text: 'not counted here' }, image(path)])).toBe(line + 765);
    expect(await count([image(path)], { pictures: 'anthropic' })).toBe(line + 1334);
    expect(await count([image(path)], { pictures: 'none' })).toBe(line);
  });

  it('[E7-14] a picture that does not tell its size costs the most', async () => {
    const { own, put, count } = scene();
    const path = put(own, 'b.png', Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1'));
    expect(await count([image(path)])).toBe(`[Image: ${path}] (a.png)`.length + 1445);
  });

  it('[E7-14] a small text file costs what is written out of it, a missing one its line', async () => {
    const { own, put, count } = scene();
    const path = put(own, 'a.csv', 'a,b\n1,2\n');
    expect(await count([file(path)])).toBe(`[File: ${path}]\n\`\`\`csv\na,b\n1,2\n\`\`\``.length);
    expect(await count([file(join(own, 'gone.csv'))])).toBe('[File: a.csv, not readable any more]'.length);
  });

  it('[E7-13] a file of the own folder is read once, one of a working folder each time, a missing one again', async () => {
    const { own, work, put, count, loads } = scene();
    const kept = put(own, 'a.csv', 'x');
    const changing = put(work, 'a.csv', 'x');
    const gone = join(own, 'gone.csv');
    await count([file(kept), file(changing), file(gone)]);
    put(work, 'a.csv', 'x'.repeat(100));
    const longer = await count([file(kept), file(changing), file(gone)]);
    expect(loads).toEqual([kept, changing, gone, changing, gone]);
    put(own, 'gone.csv', 'here again');
    expect(await count([file(kept), file(changing), file(gone)])).not.toBe(longer);
  });

  it('[E7-13] another model counts anew', async () => {
    const { own, put, count, loads } = scene();
    const path = put(own, 'a.csv', 'x');
    await count([file(path)], { model: 'one' });
    await count([file(path)], { model: 'two' });
    expect(loads).toHaveLength(2);
  });

  it('[E4-01] a stop ends it with its reason', async () => {
    const { own, put, count } = scene();
    const stop = new AbortController();
    const reason = new AbortReason('user');
    stop.abort(reason);
    await expect(count([file(put(own, 'a.csv', 'x'))], { signal: stop.signal })).rejects.toBe(reason);
  });
});
