import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretForms } from '../platform/secret-forms.ts';
import { MIN_PART_CHARS, SecretMatcher } from '../platform/secret-matcher.ts';
import { TextScrubber } from './text-scrubber.ts';

const KEYS = ['sk-planted-0123456789abcdef', 'aaaaaaaaaaaaaaaaaaaaaaaaab', 'short-key', 'k+y/with"odd\\chars=='];

/** Text in which forms of a key stand between words, cut into pieces anywhere. */
const story = (key: string) =>
  fc
    .array(
      fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...secretForms(key)) },
        fc.string({ maxLength: 12 }),
        fc.constantFrom('sk-', 'planted', 'aaaa', ' key ', 'Zoë ', '\n'),
        // Halves, which are no whole key but too much of one.
        fc.nat({ max: key.length }).map((at) => key.slice(0, at)),
        fc.nat({ max: key.length }).map((at) => key.slice(at)),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))
    .chain((text) =>
      fc.tuple(
        fc.constant(text),
        fc.array(fc.nat({ max: text.length }), { maxLength: 30 }).map((cuts) => pieces(text, cuts)),
      ),
    );

function pieces(text: string, cuts: number[]): string[] {
  const at = [0, ...cuts.sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

function scrubbed(matcher: SecretMatcher, parts: string[]): string {
  const scrubber = new TextScrubber(matcher);
  return parts.map((part) => scrubber.push(part)).join('') + scrubber.flush();
}

describe.each(KEYS)('the key %s', (key) => {
  const matcher = new SecretMatcher([key]);

  it('[E10-02] no part of it of twelve characters comes out, however the text is cut', () => {
    fc.assert(
      fc.property(story(key), ([text, parts]) => {
        const out = scrubbed(matcher, parts);
        for (const form of secretForms(key)) {
          const length = Math.min(MIN_PART_CHARS, form.length);
          for (let at = 0; at + length <= form.length; at++) {
            expect(out.includes(form.slice(at, at + length)), `${text} → ${out}`).toBe(false);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[E10-02] text without it comes out whole and in order, however it is cut', () => {
    fc.assert(
      fc.property(story('other-key-9876543210zyxwv'), ([text, parts]) => {
        fc.pre(matcher.scrub(text) === text);
        expect(scrubbed(matcher, parts)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('[E10-02] around it nothing is lost: a key that comes at once is replaced and nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'words ', '— '), fc.constantFrom('', ' words', ' —'), (before, after) => {
        expect(scrubbed(matcher, [`${before}${key}${after}`])).toBe(`${before}[secret]${after}`);
      }),
    );
  });

  it('[E10-02] cut in two at any place, at most three characters of it come out', () => {
    for (let cut = 1; cut < key.length; cut++) {
      const out = scrubbed(matcher, [`a ${key.slice(0, cut)}`, `${key.slice(cut)} z`]);
      expect(out).toMatch(/^a .{0,3}\[secret\] z$/);
    }
  });
});

it('[E10-02] ordinary text is passed on as it comes: nothing waits for the next piece', () => {
  const scrubber = new TextScrubber(new SecretMatcher(['sk-planted-0123456789abcdef']));
  for (const piece of ['Yes', ', it is', ' s', 'k', ' pla', 'nets', ' 012', '.'])
    expect(scrubber.push(piece)).toBe(piece);
});
