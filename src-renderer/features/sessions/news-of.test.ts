import { describe, expect, it } from 'vitest';
import { newsOf } from './news-of.ts';
import { sessionRecord } from './testing/session-record.ts';

const running = sessionRecord({ id: 's', state: 'running', messageCount: 1 });

describe('what is news to somebody who looked away', () => {
  it.each([
    ['success', 'done'],
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['cancelled', null],
    ['interrupted', null],
    [null, null],
  ] as const)('[E2-23] an answer that ended with %s: %s', (lastStatus, kind) => {
    const news = newsOf([running], [{ ...running, state: 'idle', lastStatus }]);
    expect(news.map((each) => each.kind)).toEqual(kind === null ? [] : [kind]);
  });

  it('[E2-23] a question to the person is told once', () => {
    const waiting = { ...running, state: 'waiting' as const };
    expect(newsOf([running], [waiting])).toEqual([{ sessionId: 's', title: 's', kind: 'needs' }]);
    expect(newsOf([waiting], [{ ...waiting, queueLength: 1 }])).toEqual([]);
  });

  it('[E2-23] an answer too fast to be seen running is told all the same', () => {
    const idle = sessionRecord({ id: 's', lastStatus: 'success', messageCount: 2 });
    expect(newsOf([idle], [{ ...idle, messageCount: 4 }])).toHaveLength(1);
    expect(newsOf([idle], [{ ...idle, title: 'another name' }])).toEqual([]);
  });

  it('[E2-23] while the next queued message is being answered nothing is told', () => {
    expect(newsOf([running], [{ ...running, state: 'preparing', messageCount: 3 }])).toEqual([]);
  });

  it('[E2-23] the first list and conversations from elsewhere are no news', () => {
    const done = sessionRecord({ id: 's', lastStatus: 'success', messageCount: 2 });
    expect(newsOf(null, [done])).toEqual([]);
    expect(newsOf([], [done])).toEqual([]);
    expect(newsOf([running], [])).toEqual([]);
  });
});
