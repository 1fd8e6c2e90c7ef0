import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SseFrame, SseParser } from './sse-parser.ts';

const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n\0]/g, ''));
const frame = fc.record({
  event: fc.option(line.filter((text) => text !== '')),
  id: fc.option(line),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  comment: fc.option(line),
});

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

test('[BUG-A39] frames are the same whatever the chunks, line ends and cuts in the middle of a character', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.array(fc.nat(), { maxLength: 40 }),
      fc.boolean(),
      (frames, end, cuts, hasMark) => {
        let wire = hasMark ? '\uFEFF' : '';
        const expected: SseFrame[] = [];
        for (const { event, id, lines, comment } of frames) {
          if (comment !== null) wire += `:${comment}${end}`;
          if (event !== null) wire += `event: ${event}${end}`;
          if (id !== null) wire += `id: ${id}${end}`;
          for (const data of lines) wire += `data: ${data}${end}`;
          wire += end;
          expected.push({ event, id, data: lines.join('\n') });
        }
        const parser = new SseParser();
        const found = split(new TextEncoder().encode(wire), cuts).flatMap((chunk) => parser.push(chunk).frames);
        expect(found).toEqual(expected);
        expect(parser.comments).toBe(frames.filter(({ comment }) => comment !== null).length);
      },
    ),
    { numRuns: 500 },
  );
});

test('any bytes in any chunks never throw and never depend on the chunks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => {
      const whole = new SseParser().push(bytes).frames;
      const parser = new SseParser();
      expect(split(bytes, cuts).flatMap((chunk) => parser.push(chunk).frames)).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
