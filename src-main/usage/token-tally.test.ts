import { describe, expect, it } from 'vitest';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import { estimateRequest } from './token-tally.ts';

/** The head of a PNG of that size: all that its size is read from. */
function png(width: number, height: number): string {
  const bytes = Buffer.alloc(33);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString('base64');
}

const withPicture = (dataBase64: string): UpstreamRequest => ({
  runId: 'r',
  sessionId: null,
  model: null,
  instructions: null,
  parameters: {},
  history: [],
  input: { content: '', parts: [{ type: 'image', name: 'a.png', path: '/a.png', mediaType: 'image/png', dataBase64 }] },
});

describe('a request that nobody reports the tokens of', () => {
  it('[E7-15] [E7-17] counts a picture as the context meter does: by its size and its maker’s rule', () => {
    expect(estimateRequest(withPicture(png(32, 32)), 'anthropic')).toBe(2);
    expect(estimateRequest(withPicture(png(1500, 1000)), 'anthropic')).toBe(1600);
    expect(estimateRequest(withPicture(png(512, 512)), 'openai')).toBe(255);
    expect(estimateRequest(withPicture(png(512, 512)), 'none')).toBe(0);
    expect(estimateRequest(withPicture('bm8gcGljdHVyZQ=='), 'anthropic')).toBe(1600);
  });
});
