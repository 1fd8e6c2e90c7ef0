import { describe, expect, it } from 'vitest';
import { ownScript } from './trusted-scripts.ts';

describe('what may run beside the page', () => {
  it.each([
    [
      'http://127.0.0.1:1/#x',
      '/assets/highlight-worker-a1_B-.js',
      'http://127.0.0.1:1/assets/highlight-worker-a1_B-.js',
    ],
    ['app://sluice/', 'app://sluice/assets/worker.js', 'app://sluice/assets/worker.js'],
  ])('[E1-01] on %s: a built script of ours', (page, address, expected) => {
    expect(ownScript(address, page)).toBe(expected);
  });

  it.each([
    'data:text/javascript,1',
    'blob:http://127.0.0.1:1/0000',
    'http://127.0.0.1:2/assets/a.js',
    'https://127.0.0.1:1/assets/a.js',
    '//evil.example/assets/a.js',
    '/media/0123.js',
    '/assets/../media/a.js',
    '/assets/%2e%2e/media/a.js',
    '/assets/a.js?x',
    'http://user@127.0.0.1:1/assets/a.js',
    'javascript:1',
    '',
  ])('[E1-01] never %j', (address) => {
    expect(() => ownScript(address, 'http://127.0.0.1:1/')).toThrow(TypeError);
  });
});
