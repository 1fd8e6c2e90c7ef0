// Texts for the page's bench: what an answer may be made of.

const PLAIN =
  'Words **with** some `code` and a [link](https://example.com/page) go on and on, as they do in most answers. ';
const PROSE = 'Words **with** some `code`, a [link](https://example.com/page) and a formula $x^2 + y_1$ go on and on. ';
const CODE =
  '```ts\nexport function add(a: number, b: number): number {\n  // A comment that says why.\n  return a + b;\n}\n```\n\n';
const TABLE = '| Name | Size | Note |\n|---|---:|---|\n| one | 1,024 | **first** |\n| two | 2,048 | second |\n\n';
const FORMULA = '$$\n\\int_0^1 \\frac{x^2}{1 + \\sqrt{x}}\\,dx = \\sum_{k=0}^{n} \\binom{n}{k} a_k\n$$\n\n';
const LIST =
  '1. Apply the migration.\n2. Deploy the worker to *one* pod.\n   - watch `charges.duplicate`\n3. Deploy the rest.\n\n';
const PART = `## A part\n\n${PROSE.repeat(3)}\n\n${CODE}${TABLE}${FORMULA}${LIST}`;

export const repeat = (text: string, chars: number): string =>
  text.repeat(Math.ceil(chars / text.length)).slice(0, chars);

/** A short answer of the past. */
export const shortAnswer = (index: number): string =>
  index % 7 === 3 ? PART : `${PLAIN.repeat(1 + (index % 5))}\n\n${index % 3 === 0 ? LIST : PLAIN}`;

/** Answers by what they are made of. */
export const ANSWERS: Record<string, (chars: number) => string> = {
  mixed: (chars) => repeat(PART, chars),
  openFence: (chars) => `\`\`\`ts\n${repeat('const value = compute(1, 2, 3); // and so on\n', chars - 6)}`,
  breakless: (chars) => repeat('abcdefghij ', chars),
};
