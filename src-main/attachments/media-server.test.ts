import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaUrl } from '#contract/media-url';
import { tempDir } from '../testing/temp-dir.ts';
import { createMediaServer } from './media-server.ts';
import { parseRange } from './parse-range.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const PNG = Buffer.from('\x89PNG\r\n\x1a\nrest of the picture', 'latin1');

function scene() {
  const dir = tempDir();
  const attachments = join(dir, 'data', 'attachments');
  mkdirSync(attachments, { recursive: true });
  mkdirSync(join(dir, 'work'));
  writeFileSync(join(dir, 'data', 'token'), 'secret');
  const media = createMediaServer({
    folders: () => ({ attachments, workspaces: [join(dir, 'work')], dataDir: join(dir, 'data') }),
    fileOf: (fileName) => join(attachments, fileName),
    nameOf: (fileName) => (fileName === `${HEX}.png` ? 'Plän "1".png' : null),
  });
  const get = async (target: string, extra: { method?: string; range?: string; ifNoneMatch?: string } = {}) => {
    const answer = await media({
      method: extra.method ?? 'GET',
      target,
      range: extra.range ?? null,
      ifNoneMatch: extra.ifNoneMatch ?? null,
    });
    return { ...answer, body: answer.body === null ? null : await text(answer.body.setEncoding('latin1')) };
  };
  const put = (path: string, content: string | Buffer) => {
    writeFileSync(join(dir, path), content);
    return join(dir, path);
  };
  return { dir, get, put };
}

describe('files for the page', () => {
  it('[E6-07] a picture is shown under the name that the person knows, as data and nothing else', async () => {
    const { get, put } = scene();
    const path = put(`data/attachments/${HEX}.png`, PNG);
    const answer = await get(mediaUrl(path));
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(PNG.toString('latin1'));
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(PNG.length),
      'content-disposition': `inline; filename="Pl_n _1_.png"; filename*=UTF-8''Pl%C3%A4n%20%221%22.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^sandbox(;|$)/) as unknown,
      'cross-origin-resource-policy': 'same-origin',
      'accept-ranges': 'bytes',
    });
  });

  it.each([
    ['page.html', '<!doctype html><script>alert(1)</script>'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['photo.png', '<!doctype html><script>alert(1)</script>'],
    ['script.js', 'alert(1)'],
    ['data.xml', '<?xml version="1.0"?><a/>'],
    ['paper.pdf', '%PDF-1.7'],
  ])('[E6-07] %s is a download, whatever its name says', async (name, content) => {
    const { get, put } = scene();
    const answer = await get(mediaUrl(put(`work/${name}`, content)));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toMatch(new RegExp(`^attachment; filename="${name}"`));
    expect(answer.headers['content-type']).toMatch(/^application\/(octet-stream|pdf)$/);
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox/);
  });

  it.each([
    '/media/',
    '/media/file',
    '/media/file?path=',
    '/media/file?path=token',
    '/media/../token',
    '/media/..%2ftoken',
    '/media/%2e%2e/token',
    '/media/file?path=/etc/passwd',
    '/media/file?path=%2Fetc%2Fpasswd%00.png',
    `/media/${HEX}.part`,
    `/media/${HEX}.png`,
    `/media/${HEX}.png/..`,
    `/media/${HEX.toUpperCase()}.png`,
    `/media/x${HEX}.png`,
    '/other',
  ])('[E6-07] %s leads nowhere', async (target) => {
    const { get, put } = scene();
    put(`data/attachments/${HEX}.part`, 'half');
    const answer = await get(target);
    expect([answer.status, answer.body]).toEqual([404, null]);
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox/);
  });

  it('[E6-07] what lies outside and what is missing look the same', async () => {
    const { dir, get } = scene();
    const outside = await get(mediaUrl(join(dir, 'data', 'token')));
    expect(await get(mediaUrl(join(dir, 'work', 'missing')))).toEqual(outside);
    expect(outside.status).toBe(404);
  });

  it('[E6-07] a player gets the part that it asks for', async () => {
    const { get, put } = scene();
    const video = mediaUrl(put('work/clip.mp4', Buffer.from('\0\0\0\x18ftypisom0123456789', 'latin1')));
    expect((await get(video)).headers['content-type']).toBe('video/mp4');
    const part = await get(video, { range: 'bytes=12-15' });
    expect(part).toMatchObject({ status: 206, body: '0123' });
    expect(part.headers).toMatchObject({ 'content-range': 'bytes 12-15/22', 'content-length': '4' });
    expect(await get(video, { range: 'bytes=-2' })).toMatchObject({ status: 206, body: '89' });
    const beyond = await get(video, { range: 'bytes=22-' });
    expect(beyond).toMatchObject({ status: 416, body: null, headers: { 'content-range': 'bytes */22' } });
    expect(await get(video, { range: 'bytes=0-1,4-5' })).toMatchObject({ status: 200 });
  });

  it('[E6-07] HEAD tells without sending, a known file is not sent again, and nothing can be changed here', async () => {
    const { get, put } = scene();
    const target = mediaUrl(put('work/a.png', PNG));
    const head = await get(target, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: null, headers: { 'content-length': String(PNG.length) } });
    expect(await get(target, { ifNoneMatch: head.headers['etag'] ?? '' })).toMatchObject({ status: 304, body: null });
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect(await get(target, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
    expect(await get(mediaUrl(put('work/empty.txt', '')))).toMatchObject({ status: 200, body: null });
  });

  it('[E6-07] a part is always within the file, and together the parts are the file', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (size, from, to) => {
        const wanted = parseRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
        if (wanted.kind !== 'part') return;
        expect(wanted.first).toBeGreaterThanOrEqual(0);
        expect(wanted.last).toBeGreaterThanOrEqual(wanted.first);
        expect(wanted.last).toBeLessThan(size);
      }),
    );
    for (const header of [null, '', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=5-2', 'bytes=1-2,3-4']) {
      expect(parseRange(header, 10)).toEqual({ kind: 'all' });
    }
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange('bytes=-0', 9)).toEqual({ kind: 'unsatisfiable' });
  });
});
