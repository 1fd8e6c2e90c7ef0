import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '#contract/records';
import type { DraftFile } from './attachment-store.ts';
import { draftedFiles, fitQuestion } from './use-fit.ts';

const picture = { path: '/a.png', mediaType: 'image/png', isImage: true, sizeBytes: 9 };
const draft = (state: DraftFile['state'], sizeBytes: number | null = 9): DraftFile => ({
  key: 'k',
  name: 'a.png',
  sizeBytes,
  previewUrl: null,
  state,
});
const stored = { id: 'k', name: 'a.png', ...picture };
const session = (fields: Partial<SessionRecord>) => ({ s: { parameters: {}, ...fields } as SessionRecord });

describe('[E6-02] [E2-19] what is asked before a message goes out', () => {
  it('nothing, where nothing could be left out', () => {
    expect(fitQuestion({ choices: {}, sessions: {} }, 's', [])).toBeNull();
    expect(fitQuestion({ choices: { s: { model: 'm' } }, sessions: session({}) }, 's', [])).toBeNull();
    expect(fitQuestion({ choices: { other: { parameters: { topP: 1 } } }, sessions: {} }, 's', [])).toBeNull();
  });

  it('files with who is to get them, and parameters of a conversation that is yet to begin', () => {
    const choices = { s: { profile: 'work', model: 'm', workspace: '/w', parameters: { topP: 1 } } };
    const [input] = JSON.parse(fitQuestion({ choices, sessions: {} }, 's', [picture]) ?? '[]') as unknown[];
    expect(input).toEqual({
      sessionId: 's',
      profile: 'work',
      model: 'm',
      parameters: { topP: 1 },
      files: [picture],
    });
  });

  it('again, when the conversation’s own profile, model or parameters change', () => {
    const questions = [
      session({ parameters: { topP: 1 } }),
      session({ parameters: { topP: 0.5 } }),
      session({ parameters: { topP: 1 }, model: 'm' }),
      session({ parameters: { topP: 1 }, profile: 'p' }),
    ].map((sessions) => fitQuestion({ choices: {}, sessions }, 's', []));
    expect(new Set(questions).size).toBe(4);
    expect(questions).not.toContain(null);
  });

  it('only files that are stored; a size that is not known stays unknown', () => {
    const error = { code: 'internal', message: '', retry: { kind: 'no' } } as const;
    const files = [
      draft({ kind: 'waiting' }),
      draft({ kind: 'ready', record: stored }, null),
      draft({ kind: 'failed', error }),
    ];
    expect(draftedFiles(files)).toEqual([{ ...picture, sizeBytes: null }]);
  });
});
