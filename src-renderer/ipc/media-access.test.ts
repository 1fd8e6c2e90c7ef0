import { describe, expect, it } from 'vitest';
import { isMediaKept } from './media-access.ts';

const PATH = '/data/attachments/0123456789abcdef0123456789abcdef.txt';

function answers(...statuses: (number | 'cut')[]) {
  const asked: string[] = [];
  const kept = isMediaKept(
    PATH,
    async (url) => {
      asked.push(url);
      const status = statuses[Math.min(asked.length, statuses.length) - 1] ?? 'cut';
      if (status === 'cut') throw new TypeError('Failed to fetch');
      return { status };
    },
    async () => undefined,
  );
  return { asked, kept };
}

describe('whether a stored file is still there', () => {
  it.each([
    [200, true],
    [404, false],
    [410, false],
    [500, true],
    ['cut', true],
  ] as const)('[E6-08] %s says %s', async (status, kept) => {
    expect(await answers(status).kept).toBe(kept);
  });

  it('[E6-08] is asked again while the page may not show files yet, and not for ever', async () => {
    const early = answers(401, 401, 404);
    expect(await early.kept).toBe(false);
    expect(early.asked).toEqual(Array(3).fill('/media/0123456789abcdef0123456789abcdef.txt'));
    const never = answers(401);
    expect(await never.kept).toBe(true);
    expect(never.asked.length).toBeLessThan(10);
  });
});
