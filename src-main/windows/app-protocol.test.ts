import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pageHeaders } from '#contract/page-headers';
import { HOSTILE_PATHS } from '../../e2e/attacks/hostile-paths.ts';
import { isAppPage, isFramePage, openableUrl } from './app-page.ts';

const handlers = vi.hoisted(() => new Map<string, (request: Request) => Promise<Response>>());
vi.mock('electron', () => ({
  protocol: {
    registerSchemesAsPrivileged: () => undefined,
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => handlers.set(scheme, handler),
  },
}));

const { resolveAsset, serveRenderer } = await import('./app-protocol.ts');
const { CONTENT_SECURITY_POLICY, FRAME_POLICY } = await import('./content-security-policy.ts');

let folder: string;
let root: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
  root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  mkdirSync(join(folder, 'renderer-other'));
  writeFileSync(join(folder, 'renderer-other', 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<p>page</p>');
  writeFileSync(join(root, 'assets', 'index.js'), 'export {};');
  writeFileSync(join(root, 'assets', 'with space.svg'), '<svg/>');
  mkdirSync(join(root, 'frames'));
  writeFileSync(join(root, 'frames', 'diagram.html'), '<p>diagram</p>');
  serveRenderer(root);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = async (address: string): Promise<Response> => {
  const handler = handlers.get('app');
  if (handler === undefined) throw new Error('Nothing serves app:.');
  return handler(new Request(address));
};

describe('the built page under app://sluice/', () => {
  it.each([
    ['app://sluice/', 'text/html; charset=utf-8', '<p>page</p>'],
    ['app://sluice/index.html#token', 'text/html; charset=utf-8', '<p>page</p>'],
    ['app://sluice/assets/index.js?v=1', 'text/javascript; charset=utf-8', 'export {};'],
    ['app://sluice/assets/with%20space.svg', 'image/svg+xml', '<svg/>'],
  ])('[E1-01] %s is served with its type and the policy', async (address, type, body) => {
    const response = await get(address);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toBe(body);
  });

  it.each([
    'app://sluice/../secret.txt',
    'app://sluice/%2e%2e/secret.txt',
    'app://sluice/..%2fsecret.txt',
    'app://sluice/assets/..%2f..%2fsecret.txt',
    'app://sluice/..%2frenderer-other/secret.txt',
    'app://sluice//etc/passwd',
    'app://sluice/%2fetc%2fpasswd',
    'app://sluice/index.html%00.js',
    'app://sluice/%',
    'app://sluice/assets',
    'app://sluice/missing.js',
    'app://other/index.html',
    'app://sluice:99/index.html',
  ])('[E1-01] %s leads nowhere', async (address) => {
    const response = await get(address);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it.each(HOSTILE_PATHS)('[E1-01] the corpus’s %j leads nowhere', async (path) => {
    const response = await get(`app://sluice${path}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('[E6-07] what stands in a frame has an origin of its own and reaches no address', async () => {
    // What it says, word by word, is held by `security.test.ts`.
    const { headers } = await get('app://sluice/frames/diagram.html');
    expect(headers.get('content-security-policy')).toBe(FRAME_POLICY);
    expect((await get('app://sluice/')).headers.get('content-security-policy')).toContain(
      'frame-src app://sluice/frames/;',
    );
  });

  it('[E1-01] every answer, found or not, says all of this and nothing else', async () => {
    const common = { 'cache-control': 'no-cache', 'content-security-policy': CONTENT_SECURITY_POLICY };
    expect(Object.fromEntries((await get('app://sluice/')).headers)).toEqual({
      ...pageHeaders(false),
      ...common,
      'content-type': 'text/html; charset=utf-8',
    });
    expect(Object.fromEntries((await get('app://sluice/missing.js')).headers)).toEqual({
      ...pageHeaders(false),
      ...common,
      'content-type': 'text/plain',
    });
    expect(Object.fromEntries((await get('app://sluice/frames/diagram.html')).headers)).toMatchObject(
      pageHeaders(true),
    );
  });

  it('[E1-01] a path that leads out is refused before any file is touched', () => {
    expect(resolveAsset(root, 'app://sluice/..%2fsecret.txt')).toBeNull();
    expect(resolveAsset(root, 'app://sluice/assets/index.js')).toBe(join(root, 'assets', 'index.js'));
  });
});

describe('addresses', () => {
  it.each([
    ['app://sluice/', true],
    ['app://sluice/index.html?x#y', true],
    ['app://sluice.example/', false],
    ['app://sluice:80/', false],
    ['app://a:b@sluice/', false],
    ['https://sluice/', false],
    ['application://sluice/', false],
    ['app://sluice/media/0123456789abcdef0123456789abcdef.png', false],
    ['app://sluice/media/file?path=%2Fwork%2Fpage.html', false],
    ['app://sluice/frames/diagram.html', false],
    ['app://sluice/assets/../frames/diagram.html', false],
    ['', false],
  ])('[E1-03] %j is our page: %s', (address, expected) => {
    expect(isAppPage(address)).toBe(expected);
  });

  it.each([
    ['app://sluice/frames/diagram.html', true],
    ['app://sluice/frames/diagram.html?x#y', true],
    ['app://sluice/frames/other.html', false],
    ['app://sluice/', false],
    ['app://sluice.example/frames/diagram.html', false],
    ['https://sluice/frames/diagram.html', false],
    ['data:text/html,x', false],
  ])('[E6-07] %j may stand in a frame: %s', (address, expected) => {
    expect(isFramePage(address)).toBe(expected);
  });

  it('[E1-03] what is opened is what was checked', () => {
    expect(openableUrl('https://example.com\\@evil.example/')).toBe('https://example.com/@evil.example/');
    expect(openableUrl('\tjava\nscript:alert(1)')).toBeNull();
  });
});
