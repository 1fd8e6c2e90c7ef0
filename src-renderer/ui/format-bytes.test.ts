import { describe, expect, it } from 'vitest';
import { formatBytes } from './format-bytes.ts';

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [38_240, '38.2 KB'],
    [999_960, '1.0 MB'],
    [52_428_800, '52.4 MB'],
  ])('%i bytes read %s', (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });
});
