import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findMembers, setMember, withoutMembers } from './json-members.ts';

/** Text that JSON can hold in a string, with everything that could be taken for its end. */
const nasty = fc.string({
  unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', 'a', 'é', '漢', '😀', '\n', '/'),
  maxLength: 60,
});
const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
const key = fc.oneof(fc.constantFrom('model', 'model', 'messages', 'stream', '__proto__'), nasty);
const number = fc.constantFrom('0', '-1', '9007199254740993', '12345678901234567890', '1e400', '0.10', '-0.0');

/** JSON text as somebody else might have written it. */
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    nasty.map((text) => JSON.stringify(text)),
    number,
    fc.constantFrom('true', 'false', 'null', '[]', '{}'),
    fc
      .tuple(fc.array(fc.tuple(blank, tie('value')), { maxLength: 4 }), blank)
      .map(([items, end]) => `[${items.map(([before, item]) => before + item).join(',')}${end}]`),
    fc
      .array(fc.tuple(blank, nasty, blank, tie('value')), { maxLength: 4 })
      .map(
        (members) => `{${members.map(([a, name, b, item]) => `${a}${JSON.stringify(name)}${b}:${item}`).join(',')}}`,
      ),
  ),
})).value;

const members = fc.array(fc.tuple(blank, key, blank, blank, value, blank), { maxLength: 6 });
const written = (list: [string, string, string, string, string, string][]) =>
  `{${list.map(([a, name, b, c, item, d]) => `${a}${JSON.stringify(name)}${b}:${c}${item}${d}`).join(',')}}`;

it('finds every member of an object, with its value as it was written', () => {
  fc.assert(
    fc.property(members, blank, (list, before) => {
      const bytes = Buffer.from(before + written(list));
      JSON.parse(bytes.toString());
      const object = findMembers(bytes);
      expect(object?.members.map((one) => one.key)).toEqual(list.map(([, name]) => name));
      expect(object?.members.map((one) => bytes.toString('utf8', one.valueStart, one.valueEnd))).toEqual(
        list.map(([, , , , item]) => item),
      );
    }),
    { numRuns: 500 },
  );
});

it('[E11-01] setting the model changes its value wherever it stands, and not a byte beside it', () => {
  fc.assert(
    fc.property(members, nasty, (list, name) => {
      const bytes = Buffer.from(written(list));
      const object = findMembers(bytes);
      if (object === null) throw new Error('no object');
      const json = JSON.stringify(name);
      const wanted = list.map((one): typeof one => {
        const [a, each, b, c, item, d] = one;
        return [a, each, b, c, each === 'model' ? json : item, d];
      });
      const isThere = list.some(([, each]) => each === 'model');
      const expected = isThere
        ? written(wanted)
        : `{"model":${json}${list.length === 0 ? '' : ','}${written(list).slice(1)}`;
      expect(setMember(bytes, object, 'model', json).toString()).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

it('[E11-01] members that have to go take their commas with them, and not a byte beside', () => {
  fc.assert(
    fc.property(members, fc.subarray(['model', 'messages', 'stream']), (list, names) => {
      const bytes = Buffer.from(written(list));
      const object = findMembers(bytes);
      if (object === null) throw new Error('no object');
      const left = withoutMembers(bytes, object, new Set(names));
      const kept = list.filter(([, name]) => !names.includes(name));
      expect(findMembers(left)?.members.map(({ key: name }) => name)).toEqual(kept.map(([, name]) => name));
      expect(JSON.parse(left.toString())).toEqual(JSON.parse(written(kept)));
      if (kept.length === list.length) expect(left.equals(bytes)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('a model that is named in the bytes as it is wanted leaves them the very same', () => {
  const bytes = Buffer.from('{"model" : "m", "n": 12345678901234567890}');
  const object = findMembers(bytes);
  expect(object).not.toBeNull();
  if (object !== null) expect(setMember(bytes, object, 'model', '"m"')).toBe(bytes);
});

it('an escaped name is the same name', () => {
  const bytes = Buffer.from('{"mod\\u0065l":"a"}');
  const object = findMembers(bytes);
  if (object !== null) expect(setMember(bytes, object, 'model', '"b"').toString()).toBe('{"mod\\u0065l":"b"}');
  expect(object?.members[0]?.key).toBe('model');
});
