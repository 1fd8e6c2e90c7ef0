import { describe, expect, it } from 'vitest';
import { readFrameMessage } from './read-frame-message.ts';

describe('[E6-07] what a frame says', () => {
  it.each([
    [{ kind: 'ready' }, { kind: 'ready' }],
    [
      { kind: 'drawn', height: 120.4 },
      { kind: 'drawn', height: 120 },
    ],
    [
      { kind: 'drawn', height: 1e9 },
      { kind: 'drawn', height: 900 },
    ],
    [
      { kind: 'drawn', height: -5 },
      { kind: 'drawn', height: 24 },
    ],
    [
      { kind: 'failed', message: 'x'.repeat(9000) },
      { kind: 'failed', message: 'x'.repeat(400) },
    ],
    [{ kind: 'drawn', height: Number.NaN }, null],
    [{ kind: 'drawn', height: '9' }, null],
    [{ kind: 'failed', message: ['x'] }, null],
    [{ kind: 'open', url: 'https://evil.example' }, null],
    ['ready', null],
    [null, null],
    [undefined, null],
  ])('%j is read as %j', (data, read) => {
    expect(readFrameMessage(data)).toEqual(read);
  });
});
