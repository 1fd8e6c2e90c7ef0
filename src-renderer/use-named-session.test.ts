import { describe, expect, it } from 'vitest';
import { takeNamedSession } from './use-named-session.ts';

function take(hash: string) {
  const shown: string[] = [];
  const history = {
    replaceState: (_data: unknown, _unused: string, url?: string | URL | null) => void shown.push(String(url)),
  };
  return { named: takeNamedSession({ hash, pathname: '/', search: '?a=1' }, history), shown };
}

describe('the conversation that an address names', () => {
  it('[E2-23] is taken out of the address, so that a reload does not go back to it', () => {
    expect(take('#session=0199-abc%20d')).toEqual({ named: '0199-abc d', shown: ['/?a=1'] });
  });

  it.each(['', '#', '#token=secret', '#session='])('[E2-23] %j names none and stays as it is', (hash) => {
    expect(take(hash)).toEqual({ named: null, shown: [] });
  });
});
