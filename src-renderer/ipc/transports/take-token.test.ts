import { describe, expect, it } from 'vitest';
import { takeToken } from './take-token.ts';

function place(hash: string) {
  const kept = new Map<string, string>();
  const shown: string[] = [];
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const history = {
    replaceState: (_data: unknown, _unused: string, url?: string | URL | null) => void shown.push(String(url)),
  };
  return { kept, shown, read: () => takeToken({ hash, pathname: '/', search: '?a=1' }, history, storage) };
}

describe('token of the headless host', () => {
  it('is read once, taken out of the address and kept for a reload', () => {
    const page = place('#token=abc%20d');
    expect(page.read()).toBe('abc d');
    expect(page.shown).toEqual(['/?a=1']);
    const reloaded = place('');
    for (const [key, value] of page.kept) reloaded.kept.set(key, value);
    expect(reloaded.read()).toBe('abc d');
    expect(reloaded.shown).toEqual([]);
  });

  it('is absent where none was given', () => {
    expect(place('').read()).toBeNull();
    expect(place('#token=').read()).toBeNull();
  });
});
