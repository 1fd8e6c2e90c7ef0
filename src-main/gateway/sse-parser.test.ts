import { describe, expect, test } from 'vitest';
import { SseParser } from './sse-parser.ts';

function parse(...chunks: string[]): ReturnType<SseParser['push']>['frames'] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(new TextEncoder().encode(chunk)).frames);
}

describe('SseParser', () => {
  test('an unfinished frame is not a frame', () => {
    expect(parse('data: a\n\ndata: b\n')).toEqual([{ event: null, data: 'a', id: null }]);
  });

  test('a field without a colon has an empty value, and one leading space is not part of a value', () => {
    expect(parse('data\ndata:  x\ndata:y\n\n')).toEqual([{ event: null, data: '\n x\ny', id: null }]);
  });

  test('a frame without data is dropped, with the name that it had', () => {
    expect(parse('event: lonely\n\ndata: a\n\n')).toEqual([{ event: null, data: 'a', id: null }]);
  });

  test('unknown fields and retry are ignored', () => {
    expect(parse('retry: 10\nwhat: ever\ndata: a\n\n')).toHaveLength(1);
  });

  test('[decision 34] a line without an end stops at the cap instead of filling the memory', () => {
    const parser = new SseParser(100);
    const bytes = new TextEncoder().encode('x'.repeat(60));
    expect(parser.push(new TextEncoder().encode('data: fine\n\n'))).toMatchObject({ overflow: false });
    expect(parser.push(bytes)).toMatchObject({ overflow: false });
    expect(parser.push(bytes)).toEqual({ frames: [], overflow: true });
    expect(parser.push(new TextEncoder().encode('\n\ndata: late\n\n'))).toEqual({ frames: [], overflow: true });
  });

  test('many short data lines of one frame count together', () => {
    const parser = new SseParser(100);
    expect(parser.push(new TextEncoder().encode('data: 123456789\n'.repeat(11)))).toMatchObject({ overflow: true });
  });

  test('many frames in one chunk do not count together', () => {
    const parser = new SseParser(100);
    const pushed = parser.push(new TextEncoder().encode('data: 123456789\n\n'.repeat(50)));
    expect(pushed.overflow).toBe(false);
    expect(pushed.frames).toHaveLength(50);
  });
});
