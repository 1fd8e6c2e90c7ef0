import { describe, expect, it } from 'vitest';
import { takeNamedPlace } from './use-named-session.ts';

function take(hash: string) {
  const shown: string[] = [];
  const history = {
    replaceState: (_data: unknown, _unused: string, url?: string | URL | null) => void shown.push(String(url)),
  };
  return { named: takeNamedPlace({ hash, pathname: '/', search: '?a=1' }, history), shown };
}

describe('the place that an address names', () => {
  it('[E2-23] is taken out of the address, so that a reload does not go back to it', () => {
    expect(take('#session=0199-abc%20d')).toEqual({
      named: { kind: 'session', sessionId: '0199-abc d' },
      shown: ['/?a=1'],
    });
  });

  it('[E12] may be a new conversation', () => {
    expect(take('#new')).toEqual({ named: { kind: 'new' }, shown: ['/?a=1'] });
  });

  it('[E12] may be a file that was handed in and waits', () => {
    expect(take('#import=0199-i')).toEqual({ named: { kind: 'import', importId: '0199-i' }, shown: ['/?a=1'] });
  });

  it('[E12] may be a section of the settings', () => {
    expect(take('#settings=queue').named).toEqual({ kind: 'settings', section: 'queue' });
    expect(take('#settings').named).toEqual({ kind: 'settings', section: '' });
  });

  it.each(['', '#import=', '#', '#token=secret', '#session='])('[E2-23] %j names none and stays as it is', (hash) => {
    expect(take(hash)).toEqual({ named: null, shown: [] });
  });

  it.each(['__proto__', 'constructor', 'toString', 'a%0Ab', '%E2%80%AEx', '%00', 'x'.repeat(129)])(
    '[E2-23] [E1-01] #session=%s is no conversation: a page from elsewhere may open ours with any address',
    (id) => {
      expect(take(`#session=${id}`)).toEqual({ named: { kind: 'new' }, shown: ['/?a=1'] });
    },
  );
});
