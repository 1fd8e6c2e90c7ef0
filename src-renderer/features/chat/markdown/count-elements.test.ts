import { expect, test } from 'vitest';
import { countElements } from './count-elements.ts';
import { createParser } from './create-parser.ts';
import { MarkdownStream } from './markdown-stream.ts';

const parser = createParser();
const FORMULA = '$$\n\\int_0^1 \\frac{x^2}{1 + \\sqrt{x}}\\,dx = \\sum_{k=0}^{n} \\binom{n}{k} a_k\n$$\n\n';

const read = (text: string) => new MarkdownStream(parser).read(text, false);
const total = (text: string) => {
  const { groups, recent, tail } = read(text);
  return [...groups.flat(), ...recent, ...tail].reduce((sum, block) => sum + countElements(block), 0);
};

test('a formula costs many times what words cost, wherever it stands', () => {
  const words = total('Words that go on and on.');
  for (const text of ['Words $x^2 + y_1$.', '- $x^2 + y_1$', '> **$x^2 + y_1$**', '| $x^2 + y_1$ |\n|---|', FORMULA])
    expect(total(text)).toBeGreaterThan(words * 20);
});

test('[E6-07] a group has blocks for a part of a frame: a dozen of words, or a few formulas, and none is empty', () => {
  const words = read('Words.\n\n'.repeat(100)).groups;
  expect(words.map((group) => group.length)).toEqual(words.map(() => 12));
  const formulas = read(FORMULA.repeat(40)).groups;
  expect(formulas.map((group) => group.length)).toEqual(formulas.map(() => 1));
  const mixed = read(`Words $x^2 + y_1$ and $a$.\n\n${FORMULA}`.repeat(40)).groups;
  for (const group of mixed) {
    expect(group.length).toBeGreaterThan(0);
    const elements = group.reduce((sum, block) => sum + countElements(block), 0);
    expect(group.length === 1 || elements <= 200).toBe(true);
  }
});

test('[E6-07] groups are the same in whatever pieces a text comes', () => {
  const text = `Words $x^2 + y_1$ and $a$.\n\n${FORMULA}- one\n- two\n\n`.repeat(30);
  const reader = new MarkdownStream(parser);
  for (let at = 7; at < text.length; at += 7) reader.read(text.slice(0, at), true);
  expect(reader.read(text, false).groups).toEqual(read(text).groups);
});
