import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeName } from './connect-provider.ts';
import { LinkDesk } from './link-desk.ts';
import { readLink } from './read-link.ts';

const KEY = 'sk-planted-0123456789abcdef';

describe('a link from outside', () => {
  it('[E12] is read where it is exactly known', () => {
    expect(readLink('sluice://new?text=Hello%0Athere')).toEqual({ kind: 'new', text: 'Hello\nthere' });
    expect(readLink('SLUICE://new/')).toEqual({ kind: 'new', text: '' });
    expect(readLink('sluice://session?id=0199-a_b.c')).toEqual({ kind: 'session', sessionId: '0199-a_b.c' });
    expect(
      readLink(`sluice://connect?provider=openai-chat&url=https%3A%2F%2Fapi.example.com%2Fv1%2F&key=${KEY}&model=a/b`),
    ).toEqual({
      kind: 'connect',
      provider: 'openai-chat',
      name: 'api.example.com',
      baseUrl: 'https://api.example.com',
      key: KEY,
      model: 'a/b',
    });
    expect(readLink('sluice://connect?provider=hermes&url=http://127.0.0.1:8642')).toMatchObject({ kind: 'connect' });
  });

  it.each([
    'https://sluice.example/',
    // Names that only begin as addresses of this computer do: a key would go out in clear.
    'sluice://connect?provider=openai-chat&url=http://127.evil.example/v1&key=sk-planted-0123456789abcdef',
    'sluice://connect?provider=openai-chat&url=http://127.0.0.1.evil.example',
    'sluice://connect?provider=openai-chat&url=http://localhost.evil.example',
    // Names that every object has: the page keeps what it knows of conversations by their ids.
    'sluice://session?id=__proto__',
    'sluice://session?id=constructor',
    'sluice:',
    'sluice://',
    'sluice://run?text=x',
    'sluice://new/path',
    'sluice://new:80?text=x',
    'sluice://user@new?text=x',
    'sluice://new?text=x#fragment',
    'sluice://new?text=a&text=b',
    'sluice://new?text=a&send=1',
    'sluice://new?text=a%1b%5B31m',
    'sluice://new?text=a%E2%80%AEb',
    `sluice://new?text=${'x'.repeat(4001)}`,
    `sluice://new?text=${'x'.repeat(100_000)}`,
    'sluice://session',
    'sluice://session?id=../../x',
    'sluice://__proto__?text=x',
    'sluice://constructor',
    'sluice://connect?provider=demo&url=https://a.example',
    'sluice://connect?provider=openai-chat',
    'sluice://connect?provider=openai-chat&url=http://a.example',
    'sluice://connect?provider=openai-chat&url=https://u:p@a.example',
    'sluice://connect?provider=openai-chat&url=file:///etc/passwd',
    'sluice://connect?provider=openai-chat&url=https://a.example&key=two%20words',
    'sluice://connect?provider=openai-chat&url=https://a.example&key=a%0D%0AX-Evil:1',
    'sluice://connect?provider=openai-chat&url=https://a.example&name=a/b',
    'sluice://connect?provider=openai-chat&url=https://a.example&name=bank%E2%80%AE',
    `sluice://connect?provider=openai-chat&url=https://a.example&name=${'n'.repeat(61)}`,
  ])('[E12] %s is refused with a sentence', (address) => {
    const reading = readLink(address);
    expect(reading.kind).toBe('refused');
    expect(reading.kind === 'refused' && reading.message).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('[E12] whatever it is, reading it throws nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl()), (tail) => {
        for (const head of ['', 'sluice:', 'sluice://new?text=', 'sluice://connect?provider=hermes&url='])
          expect(() => readLink(head + tail)).not.toThrow();
      }),
    );
  });

  it('[E12] [E10-01] waits once, with its key kept out of logs; too many give way', () => {
    const secret: string[] = [];
    let number = 0;
    const desk = new LinkDesk({
      newId: () => String(++number),
      protect: (key) => secret.push(key),
      changed: () => undefined,
    });
    desk.offer(`sluice://connect?provider=hermes&url=https://a.example&key=${KEY}`);
    expect(secret).toEqual([KEY]);
    expect(desk.take('1')).toMatchObject({ kind: 'connect' });
    expect(desk.take('1')).toBeNull();
    for (let at = 0; at < 9; at++) desk.offer('sluice://new');
    expect(desk.list((id) => ({ id, kind: 'new', text: '' })).map(({ id }) => id)).toEqual(['6', '7', '8', '9', '10']);
  });

  it('[E12] a name that is taken gets a number', () => {
    expect(freeName('Work', (name) => name === 'Work' || name === 'Work 2')).toBe('Work 3');
  });
});
