import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePythonLiteral } from './python-literal.ts';

/** Values that have a Python literal. */
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 9007199254740991),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom("'", '"', '\\', '\n', 'None', 'é', '🎉', '{', ']', ',', ' ', '#') }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** Writes a value as Python would, with every freedom that the language leaves taken by `pick`. */
function toPython(value: unknown, pick: (choices: number) => number): string {
  const space = () => [' ', '', '\n  '][pick(3)] ?? '';
  const comma = (count: number) => (count > 0 && pick(3) === 0 ? ',' : '');
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return toPythonNumber(value);
  if (typeof value === 'string') return toPythonString(value, pick);
  if (Array.isArray(value)) {
    const items = value.map((item) => toPython(item, pick)).join(`,${space()}`);
    if (pick(3) > 0) return `[${space()}${items}${comma(value.length)}${space()}]`;
    return value.length === 1 ? `(${items},)` : `(${items}${comma(value.length)})`;
  }
  const entries = Object.entries(value as Record<string, unknown>).map(
    ([key, item]) => `${toPythonString(key, pick)}:${space()}${toPython(item, pick)}`,
  );
  return `{${entries.join(`,${space()}`)}${comma(entries.length)}}`;
}

/** Integers of Python are exact; a float that is whole keeps its point or its exponent. */
function toPythonNumber(value: number): string {
  const text = String(value);
  if (Object.is(value, -0)) return '-0.0';
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

function toPythonString(text: string, pick: (choices: number) => number): string {
  const quotes = ["'", '"', "'''", '"""'][pick(4)] ?? "'";
  const characters = Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (character === '\\' || character === quotes[0]) return `\\${character}`;
    if (character === '\n' && (quotes.length === 1 || pick(2) === 0)) return '\\n';
    if (character === '\r') return '\\r';
    if (point < 0x20 && point !== 0x0a) return `\\x${point.toString(16).padStart(2, '0')}`;
    if (pick(8) === 0) {
      if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`;
      return point <= 0xffff
        ? `\\u${point.toString(16).padStart(4, '0')}`
        : `\\U${point.toString(16).padStart(8, '0')}`;
    }
    return character;
  });
  if (characters.length > 1 && pick(6) === 0) {
    // Two strings side by side are one.
    return `${quotes}${characters.slice(0, 1).join('')}${quotes} ${quotes}${characters.slice(1).join('')}${quotes}`;
  }
  return `${pick(8) === 0 ? 'u' : ''}${quotes}${characters.join('')}${quotes}`;
}

/** Choices from a list, over and over. */
function picking(choices: readonly number[]): (count: number) => number {
  let at = 0;
  return (count) => (choices.length === 0 ? 0 : (choices[at++ % choices.length] ?? 0) % count);
}

const picks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 });

describe('Python literals', () => {
  it('[E6-03] every value, however Python writes it, is read back equal', () => {
    fc.assert(
      fc.property(values, picks, (value, choices) => {
        expect(parsePythonLiteral(toPython(value, picking(choices)))).toStrictEqual({ value: plain(value) });
      }),
      { numRuns: 2000 },
    );
  });

  it('[E6-03] what Python itself writes is read', () => {
    // The repr of CPython 3.12.
    const repr = `[{'type': 'text', 'text': "it's \\\\ \\n \\x1b \\u200b 🎉"}, {'n': None, 't': True, 'f': 1e+16, 'i': -3, 'e': ()}]`;
    expect(parsePythonLiteral(repr)).toEqual({
      value: [
        { type: 'text', text: "it's \\ \n \u001b \u200b 🎉" },
        { n: null, t: true, f: 1e16, i: -3, e: [] },
      ],
    });
  });

  it('[E6-03] a list cut anywhere is none', () => {
    fc.assert(
      fc.property(values, picks, fc.nat(), (value, choices, at) => {
        const text = toPython([value], picking(choices));
        expect(parsePythonLiteral(text.slice(0, at % text.length))).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('any text at all is read or refused, and never throws', () => {
    const pieces = fc.constantFrom(
      ...('[]{}(),:\'"\\ \nnNbru019.-e+'.match(/[^]/g) ?? []),
      "'''",
      'None',
      '\\N{BEE}',
      '\\x',
      '\\u12',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const read = parsePythonLiteral(parts.join(''));
        expect(read === null || 'value' in read).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['side by side', `'a' "b"`, 'ab'],
    ['over lines within brackets', `('a'\n 'b')`, 'ab'],
    ['raw', String.raw`r'\d\''`, String.raw`\d\'`],
    ['bytes of ASCII', String.raw`b'a\x41'`, 'aA'],
    ['triple quotes', `'''it's\n"it"'''`, `it's\n"it"`],
    ['octal', String.raw`'\101\0'`, 'A\0'],
    ['a line that goes on', `'a\\\nb'`, 'ab'],
    ['one value in brackets', `((1))`, 1],
    ['a tuple of one', `(1,)`, [1]],
    ['a key that JSON parsers stumble over', `{'__proto__': 1}`, JSON.parse('{"__proto__":1}') as unknown],
    ['floats', `[1., .5, 1e3, -0.0]`, [1, 0.5, 1000, -0]],
  ])('reads %s', (_name, text, value) => {
    expect(parsePythonLiteral(text)).toStrictEqual({ value });
  });

  it.each([
    ['a named character', String.raw`'\N{BULLET}'`],
    ['an escape that nobody knows', String.raw`'\q'`],
    ['an escape cut short', String.raw`'\x4'`],
    ['a character beyond the last', String.raw`'\U00110000'`],
    ['bytes above ASCII', String.raw`b'\xff'`],
    ['bytes beside text', `b'a' 'b'`],
    ['a formatted string', `f'{x}'`],
    ['a set', '{1, 2}'],
    ['a key that is no text', `{1: 'a'}`],
    ['a key twice', `{'a': 1, 'a': 2}`],
    ['an integer that a double cannot hold', '9007199254740993'],
    ['a number with leading zeros', '012'],
    ['digits in groups', '1_000'],
    ['a hexadecimal number', '0x1f'],
    ['a complex number', '1j'],
    ['too large a float', '1e999'],
    ['a name', 'Nonesense'],
    ['JSON names', '[true, null]'],
    ['an object', `[TextBlock(text='a')]`],
    ['two values', '1 2'],
    ['an empty item', '[1,,2]'],
    ['a lone comma', '(,)'],
    ['a line break in a string', `'a\nb'`],
    ['strings on two lines', `'a'\n'b'`],
    ['a comment', `[1] # one`],
    ['nothing', ''],
    ['65 brackets and more', '['.repeat(70) + ']'.repeat(70)],
  ])('refuses %s', (_name, text) => {
    expect(parsePythonLiteral(text)).toBeNull();
  });

  it('depth is bounded, not the stack', () => {
    expect(parsePythonLiteral('['.repeat(60) + ']'.repeat(60))).not.toBeNull();
    expect(parsePythonLiteral('['.repeat(1_000_000))).toBeNull();
  });
});

/** As the parser makes it: no undefined, no prototype but the plain one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
