import { afterEach, expect, test } from 'vitest';
import { FAILURE_WORDS_ZH } from '#contract/failure-words-zh';
import { failureSentence, speakFailures } from './failure-language.ts';

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
