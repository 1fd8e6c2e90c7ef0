import { describe, expect, it } from 'vitest';
import { createParser } from './create-parser.ts';
import { imageTarget, linkTarget } from './link-target.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { MarkdownStream } from './markdown-stream.ts';

describe('[E6-07] a link', () => {
  it.each([
    ['https://example.com/a', 'words', 'https://example.com/a'],
    ['http://example.com', 'http://example.com', 'http://example.com/'],
    ['https://www.example.com/x', 'example.com', 'https://www.example.com/x'],
    ['mailto:a@example.com', 'write', 'mailto:a@example.com'],
    ['HTTPS://EXAMPLE.COM', 'x', 'https://example.com/'],
  ])('%j opens outside', (address, words, href) => {
    expect(linkTarget(address, words)).toEqual({ kind: 'open', href });
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    ' \u0001javascript:alert(1)',
    'vbscript:x',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'filesystem:https://example.com/temporary/x',
    'about:blank',
    'view-source:https://example.com',
    'app://sluice/',
    '//evil.example/x',
    '/etc/passwd',
    'docs/readme.md',
    '#top',
    '',
    'https://',
  ])('%j is no link', (address) => {
    expect(linkTarget(address, 'words')).toEqual({ kind: 'none' });
  });

  it.each(['vscode://file/x', 'ms-msdt:/id', 'tel:+1', 'smb://host/share', 'slack://open'])(
    '%j is shown and never opened',
    (address) => {
      expect(linkTarget(address, 'words').kind).toBe('show');
    },
  );

  it.each([
    ['https://evil.example/', 'https://bank.example/login', 'evil.example'],
    ['https://evil.example/', 'bank.example', 'evil.example'],
    ['https://bank.example@evil.example/', 'click', 'evil.example'],
    ['https://xn--e1awd7f.example/', 'bank.example', 'xn--e1awd7f.example'],
  ])('%j with the words %j says first that it leads to %s', (address, words, host) => {
    expect(linkTarget(address, words)).toMatchObject({ kind: 'confirm', host });
  });
});

describe('[E6-07] a picture', () => {
  it.each([
    ['/work/chart%20one.png', { kind: 'file', path: '/work/chart one.png' }],
    ['C:\\work\\a.png', { kind: 'file', path: 'C:\\work\\a.png' }],
    [
      'https://evil.example/?q=secret',
      { kind: 'remote', href: 'https://evil.example/?q=secret', host: 'evil.example' },
    ],
    ['//evil.example/a.png', { kind: 'none' }],
    ['data:image/svg+xml,<svg onload=alert(1)>', { kind: 'none' }],
    ['javascript:alert(1)', { kind: 'none' }],
    ['file:///etc/passwd', { kind: 'none' }],
    ['chart.png', { kind: 'none' }],
    ['/%', { kind: 'file', path: '/%' }],
  ])('%j', (address, target) => {
    expect(imageTarget(address)).toEqual(target);
  });
});

/** Every address in a tree of nodes. */
function addressesIn(blocks: readonly BlockNode[]): string[] {
  return [...JSON.stringify(blocks).matchAll(/"(?:href|src)":("(?:[^"\\]|\\.)*")/g)].map(
    ([, value = '""']) => JSON.parse(value) as string,
  );
}

describe('[E6-07] addresses that hide behind Markdown', () => {
  it.each([
    '[x](javascript:alert(1))',
    '[x](java&#115;cript:alert(1))',
    '[x](&#x6A;avascript:alert(1))',
    '[x](<java\tscript:alert(1)>)',
    '[x](\\javascript:alert(1))',
    '[x]: javascript:alert(1)\n\n[x]',
    '<javascript:alert(1)>',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](file&colon;///etc/passwd)',
    '![x](javascript:alert(1))',
    '[![x](data:image/svg+xml;base64,AAAA)](vbscript:x)',
  ])('%j leads nowhere', (text) => {
    const { tail } = new MarkdownStream(createParser()).read(text, false);
    for (const address of addressesIn(tail)) {
      expect(linkTarget(address, 'x').kind).not.toMatch(/open|confirm/);
      expect(imageTarget(address).kind).toBe('none');
    }
  });
});
