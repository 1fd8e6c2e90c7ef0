import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameCutter } from './frame-cutter.ts';

const line = fc.string({ unit: fc.constantFrom('d', ':', ' ', 'é', '漢', '{', '"'), minLength: 1, maxLength: 12 });
const frame = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 3 }), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([lines, end]) => lines.join(end) + end + end);
const stream = fc.array(frame, { maxLength: 8 }).map((frames) => frames.join(''));

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

it('[E11-02] whatever the cuts: what comes out are the same bytes, always up to the end of a frame', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 12 }), fc.string({ maxLength: 5 }), (text, places, tail) => {
      const half = `data: ${tail.replace(/[\r\n]/g, '')}`;
      const bytes = Buffer.from(text + half);
      const cutter = new FrameCutter();
      let seen = Buffer.alloc(0);
      for (const chunk of cutAt(bytes, places)) {
        const frames = cutter.push(chunk);
        if (frames === null) continue;
        seen = Buffer.concat([seen, frames]);
        expect(seen.toString('latin1')).toMatch(/(\n\n|\r\n\r\n|\r\r)$/);
      }
      const whole = Buffer.from(text);
      expect(seen.equals(whole)).toBe(true);
      expect(cutter.waitingBytes).toBe(bytes.length - whole.length);
    }),
    { numRuns: 500 },
  );
});

it('a large frame in many pieces is looked through once', () => {
  const cutter = new FrameCutter();
  const piece = Buffer.alloc(64 * 1024, 0x61);
  for (let index = 0; index < 128; index++) expect(cutter.push(piece)).toBeNull();
  expect(cutter.push(Buffer.from('\n\n'))?.length).toBe(128 * piece.length + 2);
  expect(cutter.waitingBytes).toBe(0);
});
