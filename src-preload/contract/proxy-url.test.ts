import { describe, expect, it } from 'vitest';
import { sayFailure } from './failure-saying.ts';
import { FAILURE_WORDS } from './failure-words.ts';
import { readProxyUrl } from './proxy-url.ts';

describe('a proxy’s address', () => {
  it.each([
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128'],
    [' HTTP://Proxy.Example.com ', 'http://proxy.example.com:80'],
    ['https://proxy.example.com/', 'https://proxy.example.com:443'],
    ['socks5://10.0.0.1', 'socks5://10.0.0.1:1080'],
    ['socks5h://10.0.0.1:80', 'socks5://10.0.0.1:80'],
    ['http://[2001:DB8::1]:8080', 'http://[2001:db8::1]:8080'],
    ['socks5://[::1]', 'socks5://[::1]:1080'],
  ])('[E10-18] %s is read as %s', (text, url) => {
    expect(readProxyUrl(text)).toEqual({ ok: true, url, username: null, password: null });
  });

  it.each([
    ['http://me:se%20cret@proxy:3128', 'http://proxy:3128', 'me', 'se cret'],
    ['socks5://me@proxy', 'socks5://proxy:1080', 'me', null],
    ['http://me:a%3Ab%40c@[::1]:1', 'http://[::1]:1', 'me', 'a:b@c'],
  ])('[E10-18] [BUG-D14] the user and the password within %s are taken apart', (text, url, username, password) => {
    expect(readProxyUrl(text)).toEqual({ ok: true, url, username, password });
  });

  it.each([
    ['', 'empty'],
    ['proxy.example.com:3128', 'must begin with'],
    ['socks4://proxy:1080', 'socks4'],
    ['ftp://proxy', 'ftp'],
    ['http://proxy:3128/path', 'end after its port'],
    ['http://proxy:3128?x=1', 'end after its port'],
    ['http://', 'not a valid'],
    ['http://proxy:99999', 'not a valid'],
    ['http://me:100%@proxy', 'cannot be read'],
  ])('[E10-18] %j is refused with a sentence that says why', (text, why) => {
    const reading = readProxyUrl(text);
    expect(reading.ok).toBe(false);
    expect(reading.ok ? '' : sayFailure(FAILURE_WORDS, reading.said)).toContain(why);
  });
});
