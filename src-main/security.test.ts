import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageHeaders } from '#contract/page-headers';
import { contentSecurityPolicy, FRAME_CONNECTIONS, PAGE_CONNECTIONS } from './api/static-files.ts';
import { CONTENT_SECURITY_POLICY, FRAME_POLICY } from './windows/content-security-policy.ts';

const ROOT = join(import.meta.dirname, '..');

describe('what both hosts say of the page', () => {
  it.each([
    ['desktop', CONTENT_SECURITY_POLICY],
    ['headless', contentSecurityPolicy(4711)],
  ])('[E1-01] the %s policy has no inline, no eval and no remote script, and wants trusted types', (_host, policy) => {
    const parts = new Map(policy.split('; ').map((part) => [part.split(' ')[0], part]));
    expect(policy).not.toMatch(/unsafe|https:|\*|data:(?! blob:;)/);
    expect(parts.get('default-src')).toBe("default-src 'none'");
    expect(parts.get('script-src')).toBe("script-src 'self'");
    expect(parts.get('require-trusted-types-for')).toBe("require-trusted-types-for 'script'");
    expect(parts.get('trusted-types')).toBe('trusted-types default');
    for (const none of ['object-src', 'base-uri', 'form-action', 'frame-ancestors'])
      expect(parts.get(none)).toBe(`${none} 'none'`);
  });

  it.each([
    [
      'headless',
      contentSecurityPolicy(4711),
      "'self' ws://127.0.0.1:4711 ws://localhost:4711",
      'http://127.0.0.1:4711/frames/ http://localhost:4711/frames/',
    ],
    ['desktop', CONTENT_SECURITY_POLICY, "'self'", 'app://sluice/frames/'],
  ])('[E1-01] the %s policy says this and nothing more', (_host, policy, connections, frames) => {
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "media-src 'self'",
      "font-src 'self'",
      `connect-src ${connections}`,
      `frame-src ${frames}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types default',
    ]);
  });

  it('[E6-07] a frame has no origin, no network and no script but the ones beside it', () => {
    expect(FRAME_POLICY.split('; ')).toEqual([
      'sandbox allow-scripts',
      "default-src 'none'",
      'script-src app://sluice/frames/',
      "style-src 'unsafe-inline'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      'frame-ancestors app://sluice',
    ]);
    expect(FRAME_POLICY).toContain("default-src 'none'");
    expect(FRAME_POLICY).not.toMatch(/connect-src|unsafe-eval|allow-same-origin/);
  });

  it('[E1-01] every answer names its type, its referrer, its openers and what the page has no use for', () => {
    expect(pageHeaders(false)).toEqual({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-dns-prefetch-control': 'off',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), bluetooth=(), midi=(), ' +
        'payment=(), publickey-credentials-get=(), screen-wake-lock=(), idle-detection=()',
    });
    expect(pageHeaders(true)).toEqual({ ...pageHeaders(false), 'cross-origin-resource-policy': 'cross-origin' });
  });

  it('[E1-01] in a browser no frame connects elsewhere, and the page by links only: not even peers, which no policy covers', () => {
    expect(FRAME_CONNECTIONS).toBe('(response-origin)');
    expect(PAGE_CONNECTIONS).toBe('(response-origin "http://*:*/*" "https://*:*/*" "mailto:*")');
  });

  it('[E1-01] no package of ours reaches from the page into the main process', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(lock).not.toContain('"node_modules/@electron/remote"');
  });
});
