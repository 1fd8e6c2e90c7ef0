import { createHighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { describe, expect, it } from 'vitest';
import { GRAMMARS } from './grammars.ts';
import { knownLanguage, type Language, languageTitle } from './languages.ts';

describe('[E6-07] languages', () => {
  it.each([
    ['ts', 'typescript', 'TypeScript'],
    ['PY', 'python', 'Python'],
    ['bash', 'shellscript', 'Shell'],
    ['c++', 'cpp', 'C++'],
    ['brainfuck', null, 'brainfuck'],
    ['constructor', null, 'constructor'],
    ['', null, ''],
  ])('%j is %s', (label, language, title) => {
    expect(knownLanguage(label)).toBe(language);
    expect(languageTitle(label)).toBe(title);
  });

  // A grammar that the browser's own expressions cannot take would leave its language plain without a word.
  it.each(Object.keys(GRAMMARS) as Language[])('%s is read by the JavaScript engine', async (language) => {
    const highlighter = await createHighlighterCore({
      themes: [{ name: 'none', type: 'light', colors: {}, tokenColors: [] }],
      langs: [(await GRAMMARS[language]()).default],
      engine: createJavaScriptRegexEngine({ forgiving: true }),
    });
    const code = 'let a = "b"; // c\n<a href="x">y</a> { "k": 1 }\n# end';
    const lines = highlighter.codeToTokensBase(code, { lang: language, theme: 'none' });
    expect(lines.map((line) => line.map((token) => token.content).join('')).join('\n')).toBe(code);
    highlighter.dispose();
  });
});
