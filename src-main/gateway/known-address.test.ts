import { describe, expect, it } from 'vitest';
import { knownAddress } from './known-address.ts';

describe('[E9-01] addresses of upstreams', () => {
  it.each([
    ['http://127.0.0.1:8642/v1/chat/completions?beta=true', 'http://127.0.0.1:8642', '/v1/chat/completions?beta=true'],
    ['https://API.example.com:443/v1/a b', 'https://api.example.com', '/v1/a%20b'],
    ['http://[::1]:80/', 'http://[::1]', '/'],
  ])('takes %s apart, the second time as the first', (text, origin, path) => {
    for (let time = 0; time < 2; time++) {
      expect(knownAddress(text)).toMatchObject({ origin, path, host: new URL(text).host });
    }
  });

  it('refuses what is none, each time', () => {
    for (let time = 0; time < 2; time++) expect(() => knownAddress('no address')).toThrow(TypeError);
  });

  it('forgets the oldest of many, and still knows how to take it apart', () => {
    const first = knownAddress('http://a.example/first');
    for (let each = 0; each < 300; each++) knownAddress(`http://a.example/${each}`);
    const again = knownAddress('http://a.example/first');
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});
