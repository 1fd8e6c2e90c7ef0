import { describe, expect, it } from 'vitest';
import { SHELL_WORDS } from '#contract/shell-words';
import en from './en.json';
import { pseudo, pseudoText } from './pseudo.ts';
import zh from './zh-CN.json';

const PLURAL = /_(zero|one|two|few|many|other)$/;

function textsOf(node: object, prefix = ''): [string, string][] {
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? textsOf(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, String(value)] as [string, string]],
  );
}

const placesOf = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] ?? '').sort();
const baseOf = (key: string) => key.replace(PLURAL, '');

/** The shell's words stand in an area of their own, as some of them have the names of areas of the page. */
const english = textsOf({ ...en, shell: SHELL_WORDS.en });
const chinese = textsOf({ ...zh, shell: SHELL_WORDS['zh-CN'] });
/** The text that stands for many; where there is no plural, the text. */
const byBase = (texts: [string, string][]) =>
  new Map(
    texts.filter(([key]) => !PLURAL.test(key) || key.endsWith('_other')).map(([key, text]) => [baseOf(key), text]),
  );

describe('controls that say more to a screen reader than they show', () => {
  it.each([
    ['English', english],
    ['Chinese', chinese],
  ])('[E12] say what they show as well, so that they can be called by it: %s', (_name, texts) => {
    const shown = new Map(texts);
    const plain = (text: string) => text.replace('…', '').toLowerCase();
    const pairs = texts.flatMap(([key, name]) => {
      const visible = key.endsWith('Of') ? shown.get(key.slice(0, -2)) : undefined;
      return visible === undefined ? [] : [{ key, name, visible }];
    });
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.filter(({ name, visible }) => !plain(name).includes(plain(visible)))).toEqual([]);
  });
});

describe('Chinese', () => {
  const [inEnglish, inChinese] = [byBase(english), byBase(chinese)];

  it('[E12] has every text that English has', () => {
    const missing = [...inEnglish].filter(([key]) => !inChinese.has(key)).map(([key, text]) => `${key}: ${text}`);
    expect(missing, `\nTexts to be written in src-renderer/locales/zh-CN.json:\n${missing.join('\n')}\n`).toEqual([]);
  });

  it('[E12] has none that English lacks, and its plurals have one form', () => {
    expect([...inChinese.keys()].filter((key) => !inEnglish.has(key))).toEqual([]);
    expect(chinese.map(([key]) => key).filter((key) => PLURAL.test(key) && !key.endsWith('_other'))).toEqual([]);
  });

  it('[E12] fills in the same values', () => {
    const wrong = [...inEnglish].flatMap(([key, text]) => {
      const other = inChinese.get(key);
      if (other === undefined || placesOf(other).join() === placesOf(text).join()) return [];
      return [`${key}: ${placesOf(text).join(', ')} in English, ${placesOf(other).join(', ')} in Chinese`];
    });
    expect(wrong).toEqual([]);
  });

  it('[E12] leaves no text empty that English says', () => {
    const silent = [...inEnglish].filter(([key, text]) => text.trim() !== '' && inChinese.get(key)?.trim() === '');
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('[E12] is written in its own punctuation, with a space between Han and Latin', () => {
    const odd = chinese.filter(([, text]) => {
      const shown = text.replace(/\{\{.*?\}\}/g, '');
      return (
        /\p{Script=Han}[,;:!?]|\p{Script=Han}\.($|\s)|\.\.\./u.test(shown) ||
        /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u.test(shown)
      );
    });
    expect(odd.map(([key, text]) => `${key}: ${text}`)).toEqual([]);
  });

  it('[E12] is not English left standing', () => {
    const plain = chinese.filter(([key, text]) => {
      const original = inEnglish.get(baseOf(key)) ?? '';
      return text === original && /[a-z]{4,}\s+[a-z]{3,}/.test(text);
    });
    expect(plain.map(([key]) => key)).toEqual([]);
  });
});

describe('the pseudo-locale', () => {
  it('[E12] changes every letter but those of values, and keeps the tree', () => {
    expect(pseudoText('Delete “{{title}}”?')).toBe('⟦Đéĺéťé “{{title}}”?······⟧');
    const changed = textsOf(pseudo({ ...en, shell: SHELL_WORDS.en }));
    expect(changed.map(([key]) => key)).toEqual(english.map(([key]) => key));
    for (const [key, text] of changed) expect(text.replace(/\{\{.*?\}\}/g, ''), key).not.toMatch(/[a-zA-Z]/);
  });
});
