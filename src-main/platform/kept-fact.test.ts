import { expect, it } from 'vitest';
import { keepFact, readFact } from './kept-fact.ts';

it('[E12] a reason is kept as its saying, and comes back as that', () => {
  const said = { word: 'sign_in_cut_off', with: { reason: { word: 'token_no_grant' } } } as const;
  expect(readFact(keepFact(said))).toEqual(said);
});

it.each(['It was revoked.', '{"error":"no such grant"}', '{"word":"of a newer core"}', '{ broken', ''])(
  '[E12] what an earlier version or a provider wrote stays a text: %j',
  (text) => {
    expect(readFact(text)).toBe(text);
    expect(keepFact(text)).toBe(text);
  },
);
