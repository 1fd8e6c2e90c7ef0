import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodeChunks, chunkCode, codeText } from './code-chunks.ts';

describe('[E6-07] chunks of code', () => {
  const code = fc
    .array(fc.oneof(fc.constant('\n'), fc.string(), fc.constant('😀'.repeat(1500)), fc.constant('x\n'.repeat(60))))
    .map((parts) => parts.join(''));

  it('give back the code, without the end of its last line', () => {
    fc.assert(
      fc.property(code, (text) => {
        expect(codeText(chunkCode(text))).toBe(text.replace(/\n$/, ''));
      }),
    );
  });

  it('are the same however the code comes, and full ones stay what they are', () => {
    fc.assert(
      fc.property(code, fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
        const chunks = new CodeChunks();
        let from = 0;
        for (const at of cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b)) {
          const before = chunks.chunks().slice(0, -1);
          chunks.push(text.slice(from, at));
          for (const [index, chunk] of before.entries()) expect(chunks.chunks()[index]).toBe(chunk);
          from = at;
        }
        expect(chunks.with(text.slice(from))).toEqual(chunkCode(text));
        chunks.push(text.slice(from));
        expect(chunks.chunks()).toEqual(chunkCode(text));
      }),
    );
  });

  it('part no character', () => {
    for (const { text } of chunkCode('x' + '😀'.repeat(9000))) expect(text.isWellFormed()).toBe(true);
  });
});
