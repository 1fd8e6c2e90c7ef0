import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodeChunks, chunkCode, codeText } from './code-chunks.ts';

describe('[E6-07] chunks of code', () => {
  const code = fc
    .array(
      fc.oneof(
        fc.constant('\n'),
        fc.string(),
        fc.constant('😀'.repeat(1500)),
        fc.constant('x\n'.repeat(60)),
        // Lines that end at the very end of a chunk, and beside it.
        fc.integer({ min: 4093, max: 4098 }).map((length) => 'y'.repeat(length)),
      ),
    )
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
      fc.property(
        code,
        fc.array(fc.oneof(fc.nat(), fc.integer({ min: 4090, max: 4100 })), { maxLength: 5 }),
        (text, cuts) => {
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
        },
      ),
    );
  });

  it('part no character, also where a line before it leaves room for half of one', () => {
    for (const before of ['x', '', 'x\n', `${'x'.repeat(4094)}\n`, `${'x'.repeat(4093)}\n`, 'x'.repeat(4095)]) {
      for (const { text } of chunkCode(before + '😀'.repeat(9000))) expect(text.isWellFormed()).toBe(true);
    }
  });

  it('are not longer than they may be, whatever ends at their end', () => {
    fc.assert(
      fc.property(code, (text) => {
        for (const chunk of chunkCode(text)) expect(chunk.text.length).toBeLessThanOrEqual(4096);
      }),
    );
  });
});
