import { describe, expect, it } from 'vitest';
import { mediaUrl } from './media-url.ts';

const HEX = '0123456789abcdef0123456789abcdef';

describe('the address of a file', () => {
  it.each([
    [`/home/me/.local/share/sluice/attachments/${HEX}.png`, `/media/${HEX}.png`],
    [`C:\\Users\\me\\Sluice\\attachments\\${HEX}.pdf`, `/media/${HEX}.pdf`],
    [`/data/attachments/${HEX}`, `/media/${HEX}`],
    ['/work/plan & picture #1.png', '/media/file?path=%2Fwork%2Fplan%20%26%20picture%20%231.png'],
    ['/work/attachments/photo.png', '/media/file?path=%2Fwork%2Fattachments%2Fphoto.png'],
    [`/work/${HEX}.png`, `/media/file?path=%2Fwork%2F${HEX}.png`],
    [`/attachments/${HEX}.png/../../token`, `/media/file?path=%2Fattachments%2F${HEX}.png%2F..%2F..%2Ftoken`],
    ['javascript:alert(1)', '/media/file?path=javascript%3Aalert(1)'],
    ['\ud83e', '/media/file?path=%EF%BF%BD'],
  ])('[E6-07] %j is shown from %s', (path, url) => {
    expect(mediaUrl(path)).toBe(url);
  });
});
