import { describe, expect, it } from 'vitest';
import type { ContextParts } from '#contract/records';
import { contextFigures } from './context-shares.ts';

const context = (parts: Partial<ContextParts['parts']>, more: Partial<ContextParts> = {}): ContextParts => {
  const all = { system: 0, pinned: 0, summary: 0, recent: 0, files: 0, ...parts };
  return {
    sessionId: 's',
    model: null,
    windowTokens: 1000,
    windowSource: 'known',
    thresholdTokens: 500,
    parts: all,
    items: { pinned: 0, summarised: 0, recent: 0, files: 0 },
    totalTokens: Object.values(all).reduce((sum, tokens) => sum + tokens, 0),
    draftFiles: { count: 0, tokens: 0 },
    deviation: null,
    ...more,
  };
};

describe('the figures of the next request', () => {
  it('[E7-17] what is typed counts, too', () => {
    const { shares, totalTokens, freeTokens, tickPercent } = contextFigures(context({ system: 100, recent: 200 }), 50);
    expect(totalTokens).toBe(350);
    expect(freeTokens).toBe(650);
    expect(tickPercent).toBe(50);
    expect(shares.map(({ name, percent }) => [name, percent])).toEqual([
      ['system', 10],
      ['pinned', 0],
      ['summary', 0],
      ['recent', 20],
      ['files', 0],
      ['draft', 5],
    ]);
  });

  it('[E7-17] the files of what is being written count with it, and not with those that were sent', () => {
    const { shares, totalTokens, state } = contextFigures(
      context({ recent: 300, files: 100 }, { draftFiles: { count: 2, tokens: 90 } }),
      20,
    );
    expect(totalTokens).toBe(510);
    expect(shares.filter(({ name }) => name === 'files' || name === 'draft').map(({ tokens }) => tokens)).toEqual([
      100, 110,
    ]);
    expect(state).toBe('compacts');
  });

  it.each([
    [450, 50, 500, 'fits'],
    [450, 51, 500, 'compacts'],
    [950, 0, null, 'fits'],
    [950, 1, null, 'full'],
  ] as const)('[E7-01] %i and %i typed, with a limit of %s: %s', (recent, draft, thresholdTokens, state) => {
    expect(contextFigures(context({ recent }, { thresholdTokens }), draft).state).toBe(state);
  });

  it('[E7-17] a request beyond the window fills the gauge and never more', () => {
    const { shares, freeTokens } = contextFigures(context({ recent: 3000 }), 1000);
    expect(shares.reduce((sum, { percent }) => sum + percent, 0)).toBeCloseTo(100);
    expect(freeTokens).toBe(0);
  });
});
