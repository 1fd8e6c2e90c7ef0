import { afterEach, expect, test } from 'vitest';
import { sayFailure } from '#contract/failure-saying';
import { FAILURE_WORDS } from '#contract/failure-words';
import { FAILURE_WORDS_ZH } from '#contract/failure-words-zh';
import { countedSentence, failureSentence, speakFailures } from './failure-language.ts';

afterEach(() => speakFailures(null));

test('[E12] a failure with a name is said in the language that is spoken, any other as the core says it', () => {
  const said = { word: 'key_refused', with: { upstream: 'work', status: 401 } };
  expect(failureSentence('as the core says it', said)).toBe('as the core says it');
  speakFailures(FAILURE_WORDS_ZH);
  expect(failureSentence('as the core says it', said)).toBe('“work”没有接受这个密钥（401）。请更换密钥。');
  // A core that is newer than the page, or a failure that nobody has named.
  expect(failureSentence('as the core says it', { word: 'unheard_of' })).toBe('as the core says it');
  expect(failureSentence('as the core says it', undefined)).toBe('as the core says it');
});

test('[E12] a wait counts down in its sentence in either language, and says at its end that it can be tried now', () => {
  const said = { word: 'rate_limited', with: { upstream: 'work', status: 429, in: 75_000 } } as const;
  const message = sayFailure(FAILURE_WORDS, said);
  expect(message).toContain('Try again in 75 seconds.');
  expect(countedSentence(message, said, 42_000)).toContain('Try again in 42 seconds.');
  expect(countedSentence(message, said, 0)).toMatch(/ Try again now\.$/);
  speakFailures(FAILURE_WORDS_ZH);
  expect(countedSentence(message, said, 42_000)).toContain('请 42 秒后重试。');
  expect(countedSentence(message, said, 0)).toContain('请现在重试。');
  speakFailures(null);
  const resting = { word: 'keys_resting', with: { in: 90_000, reason: 'Too many requests.' } } as const;
  const told = sayFailure(FAILURE_WORDS, resting);
  expect(told).toContain('the first one is back in 90 seconds: Too many requests.');
  expect(countedSentence(told, resting, 5000)).toContain('back in 5 seconds');
  expect(countedSentence(told, resting, 0)).toContain('the first one is back now: Too many');
  // As it was stored before.
  const before = { word: 'keys_resting', with: { for: 90_000, reason: 'x' } } as const;
  expect(sayFailure(FAILURE_WORDS_ZH, before)).toContain('最早的一个 90 秒后恢复');
  // A reason within a sentence has its wait, too; a sentence without one stays as it is.
  const outer = { word: 'key_refused', with: { upstream: 'work', reason: said } } as const;
  expect(countedSentence(message, outer, 3000)).toContain('in 3 seconds');
  expect(countedSentence('No.', { word: 'key_refused', with: { upstream: 'w' } }, 3000)).toBe('No.');
});
