import { describe, expect, it } from 'vitest';
import { imageTokens } from './image-tokens.ts';

describe('tokens of a picture', () => {
  it.each([
    ['anthropic', { width: 200, height: 200 }, 54],
    ['anthropic', { width: 1000, height: 1000 }, 1334],
    ['anthropic', { width: 1092, height: 1092 }, 1590],
    ['anthropic', { width: 8000, height: 8000 }, 1600],
    ['anthropic', { width: 3136, height: 300 }, 314],
    ['anthropic', null, 1600],
    ['openai', { width: 512, height: 512 }, 255],
    ['openai', { width: 1024, height: 1024 }, 765],
    ['openai', { width: 2048, height: 4096 }, 1105],
    ['openai', { width: 1, height: 1 }, 255],
    ['openai', { width: 0, height: 0 }, 255],
    ['openai', null, 1445],
  ] as const)('[E7-14] %s, %o: %i', (family, size, tokens) => {
    expect(imageTokens(size, family)).toBe(tokens);
  });
});
