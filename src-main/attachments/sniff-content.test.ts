import { describe, expect, it } from 'vitest';
import { chooseType, isShownInline } from './choose-type.ts';
import { SNIFF_BYTES, sniffContent } from './sniff-content.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const PNG = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR';

describe('what a file is', () => {
  it.each([
    ['png', PNG, 'image/png'],
    ['jpg', '\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
    ['gif', 'GIF89a\x01\0\x01\0', 'image/gif'],
    ['webp', 'RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
    ['avif', '\0\0\0\x1cftypavif', 'image/avif'],
    ['pdf', '%PDF-1.7\n%\xe2\xe3', 'application/pdf'],
    ['zip', 'PK\x03\x04\x14\0', 'application/zip'],
    ['mp4', '\0\0\0\x18ftypisom', 'video/mp4'],
    ['mov', '\0\0\0\x14ftypqt  ', 'video/quicktime'],
    ['m4a', '\0\0\0\x20ftypM4A ', 'audio/mp4'],
    ['webm', '\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm', 'video/webm'],
    ['mkv', '\x1a\x45\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska', 'video/x-matroska'],
    ['wav', 'RIFF\x24\0\0\0WAVEfmt ', 'audio/wav'],
    ['mp3', 'ID3\x03\0\0', 'audio/mpeg'],
    ['txt', 'words \xc3\xa4 and more', 'text/plain'],
    ['bin', 'words and\0a zero', 'application/octet-stream'],
    ['bin', 'not UTF-8: \xe4\xf6', 'application/octet-stream'],
  ])('[E6-08] the first bytes say %s: %#', (extension, content, mediaType) => {
    const sniffed = sniffContent(bytes(content));
    expect(sniffed.mediaType).toBe(mediaType);
    expect(chooseType('', sniffed).extension).toBe(extension);
  });

  it.each([
    ['an HTML page that says it is a picture', 'png', '<!doctype html><script>1</script>', 'txt', 'text/plain', false],
    ['a program that says it is a picture', 'jpg', 'MZ\x90\0\x03', 'bin', 'application/octet-stream', false],
    ['a picture that says it is a page', 'html', PNG, 'png', 'image/png', true],
    ['a JPEG that says it is a PNG', 'png', '\xff\xd8\xff\xe0', 'jpg', 'image/jpeg', true],
    ['SVG', 'svg', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'svg', 'text/xml', false],
    ['a spreadsheet', 'xlsx', 'PK\x03\x04\x14\0', 'xlsx', /spreadsheetml/, false],
    ['a program in a zip', 'exe', 'PK\x03\x04\x14\0', 'zip', 'application/zip', false],
    ['an old document', 'doc', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'doc', 'application/msword', false],
    ['source', 'ts', 'export {};\n', 'ts', 'text/plain', false],
    ['a list', 'csv', 'a,b\n1,2\n', 'csv', 'text/csv', false],
    ['a script for Windows', 'bat', 'echo hi\r\n', 'txt', 'text/plain', false],
    ['an ending of Object’s own', 'constructor', 'text', 'txt', 'text/plain', false],
    ['an ending of Object’s own on a zip', 'constructor', 'PK\x03\x04', 'zip', 'application/zip', false],
  ])('[E6-08] [BUG-A31] the bytes win over the name: %s', (_what, claimed, content, extension, mediaType, isImage) => {
    const chosen = chooseType(claimed, sniffContent(bytes(content)));
    expect(chosen).toEqual({ extension, mediaType: expect.stringMatching(mediaType) as unknown, isImage });
  });

  it('[E6-08] a character that the look at the beginning cuts in two does not make text binary', () => {
    const text = Buffer.from('ä'.repeat(SNIFF_BYTES), 'utf8');
    expect(sniffContent(text.subarray(1, 1)).kind).toBe('binary');
    expect(sniffContent(Buffer.from(`x${'ä'.repeat(SNIFF_BYTES)}`).subarray(0, SNIFF_BYTES)).kind).toBe('text');
    // A short file that ends in half a character was never text.
    expect(sniffContent(Buffer.from('xä').subarray(0, 2)).kind).toBe('binary');
  });

  it('[E6-07] nothing that a browser would run or render as a page is shown in place', () => {
    for (const type of ['text/html', 'text/xml', 'image/svg+xml', 'application/pdf', 'application/octet-stream', '']) {
      expect(isShownInline(type)).toBe(false);
    }
  });
});
