import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SecretMatcher } from '../platform/secret-matcher.ts';
import { ByteScrubber } from './byte-scrubber.ts';

const KEY = 'sk-proj-Zx8kQ2vLm4Nw7Rt1Yb6Hc3Jd5Fg9';

it('takes out exactly what the matcher takes out, wherever a part of the key stands', () => {
  const matcher = new SecretMatcher([KEY]);
  const scrubber = new ByteScrubber(matcher);
  const part = fc.tuple(fc.nat(KEY.length), fc.nat(KEY.length)).map(([from, length]) => KEY.slice(from, from + length));
  const noise = fc.string({ unit: fc.constantFrom('s', 'k', '-', 'Z', 'x', 'é', '漢', ' ', '"'), maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, part), { maxLength: 6 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(''));
      const clean = scrubber.scrub(bytes);
      expect(clean.toString('latin1')).toBe(matcher.scrub(bytes.toString('latin1')));
    }),
    { numRuns: 2000 },
  );
});

it('gives bytes without a key back as they are, and finds one in base64', () => {
  const scrubber = new ByteScrubber(new SecretMatcher([KEY]));
  const plain = Buffer.from('data: {"text":"nothing here"}\n\n');
  expect(scrubber.scrub(plain)).toBe(plain);
  expect(scrubber.scrub(Buffer.from(Buffer.from(KEY).toString('base64'))).toString()).toContain('[secret]');
  const spelt = Array.from(KEY, (char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('');
  expect(scrubber.scrub(Buffer.from(`{"error":"é ${spelt}"}`)).toString()).toBe('{"error":"é [secret]"}');
});
