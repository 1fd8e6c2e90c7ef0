import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '#contract/errors';
import { brokenTransport } from '../ipc/broken-transport.ts';
import en from '../locales/en.json';
import { errorWords, remedyPlace } from './error-words.ts';

const words: Record<string, string> = en.errors;
const labels: Record<string, string> = en.remedy;

describe('words for a failure', () => {
  it.each(ERROR_CODES)('%s has a title, and its remedy has a label', (code) => {
    const { titleKey, remedy } = errorWords({ code, retry: { kind: 'no' } });
    expect(words[titleKey.replace('errors.', '')]).toBeTruthy();
    if (remedy !== null) expect(labels[remedy]).toBeTruthy();
  });

  it('[E12] a core that is silent is not taken for a provider that is', () => {
    const { error } = brokenTransport('cut');
    const { titleKey, remedy } = errorWords(error);
    expect(words[titleKey.replace('errors.', '')]).toContain('core');
    expect(remedy).toBe('retry');
  });

  it("the sender's own remedy wins", () => {
    expect(
      errorWords({ code: 'upstream_rejected', retry: { kind: 'user-action', action: 'choose-model' } }).remedy,
    ).toBe('choose-model');
  });

  it('what may be sent again offers to', () => {
    expect(errorWords({ code: 'upstream_rejected', retry: { kind: 'after', waitMs: 1 } }).remedy).toBe('retry');
    expect(errorWords({ code: 'upstream_rejected', retry: { kind: 'no' } }).remedy).toBeNull();
  });

  it('a missing or refused key leads to the keys, never to sending again', () => {
    for (const code of ['no_credential', 'upstream_auth', 'quota_exhausted', 'secrets_locked'] as const) {
      const { remedy } = errorWords({ code, retry: { kind: 'no' } });
      expect(remedy === null ? null : remedyPlace(remedy)).toBe('credentials');
    }
  });
});
