import { expect, test } from 'vitest';
import { wordPatterns } from './word-patterns.ts';

const found = (query: string, text: string) => wordPatterns(query).map((pattern) => pattern.exec(text)?.[0] ?? null);

test('[E8-28] what the index takes for one is one: case, and marks on letters', () => {
  expect(found('cafe', 'Straße und Café')).toEqual(['Café']);
  expect(found('CAFÉ', 'a cafe')).toEqual(['cafe']);
  expect(found('über', 'U\u0308ber uns')).toEqual(['U\u0308ber']);
  expect(found('公园', '去公园散步')).toEqual(['公园']);
});

test('[E8-28] signs are signs; around a word they may be missing', () => {
  expect(found('"lease" 100%', 'the lease is 100% sure')).toEqual(['lease', '100%']);
  expect(found('a.b* c-d', 'axb a.b* c-d')).toEqual(['a.b*', 'c-d']);
  expect(found('** (x)', 'none')).toEqual([null, null]);
});
