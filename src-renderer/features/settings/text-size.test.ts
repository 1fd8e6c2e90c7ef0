import { describe, expect, it } from 'vitest';
import { textSizeAfter } from './text-size.ts';

describe('text size', () => {
  it('[E12] goes by steps and stops at both ends', () => {
    expect(textSizeAfter(100, 1)).toBe(112.5);
    expect(textSizeAfter(100, -1)).toBe(93.75);
    expect(textSizeAfter(150, 1)).toBe(150);
    expect(textSizeAfter(87.5, -1)).toBe(87.5);
  });
});
