import { describe, expect, it } from 'vitest';
import { chooseLocale } from './locale.ts';

describe('the language', () => {
  it.each([
    ['system', ['zh-TW', 'en-US'], 'zh-CN'],
    ['system', ['de-DE', 'zh_CN', 'en'], 'zh-CN'],
    ['system', ['fr-FR', 'en-GB'], 'en'],
    ['system', ['ja'], 'en'],
    ['system', [], 'en'],
    ['en', ['zh-CN'], 'en'],
    ['zh-CN', ['en-US'], 'zh-CN'],
  ] as const)('[E12] chosen %s, with %j: %s', (choice, preferred, locale) => {
    expect(chooseLocale(choice, preferred)).toBe(locale);
  });
});
