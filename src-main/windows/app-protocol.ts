import { extname, isAbsolute, relative, resolve } from 'node:path';
import { protocol } from 'electron';
import { pageHeaders } from '#contract/page-headers';
import type { MediaServer } from '../attachments/media-server.ts';
import { readPageFile } from '../platform/page-file.ts';
import { APP_SCHEME, isAppPage, isFrameAsset } from './app-page.ts';
import { CONTENT_SECURITY_POLICY, FRAME_POLICY } from './content-security-policy.ts';
import { isMediaAddress, serveMedia } from './media-protocol.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Makes `app:` a standard, secure scheme that videos may be streamed from. Electron accepts this only before the
 * application is ready.
 */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true, stream: true },
    },
  ]);
}

/**
 * The file that an address of our page names, or null for one that leads out of the folder or cannot be read as a path.
 *
 * @param root the built renderer's folder, absolute.
 */
export function resolveAsset(root: string, address: string): string | null {
  if (!isAppPage(address) && !isFrameAsset(address)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    // A stray percent sign: no file has such a name.
    return null;
  }
  if (path.includes('\0')) return null;
  const file = resolve(root, `.${path === '/' ? '/index.html' : path}`);
  const inside = relative(root, file);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : file;
}

function answer(status: number, body: BodyInit | null, contentType: string, isFrame = false): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': contentType,
      'content-security-policy': isFrame ? FRAME_POLICY : CONTENT_SECURITY_POLICY,
      ...pageHeaders(isFrame),
      'cache-control': 'no-cache',
    },
  });
}

/**
 * Serves the built renderer under `app://sluice/`, and files under `app://sluice/media/`. Every answer carries a content
 * security policy, errors included.
 *
 * @param media what serves files; null before the core stands.
 */
export function serveRenderer(root: string, media: () => MediaServer | null = () => null): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const server = isMediaAddress(request.url) ? media() : null;
    if (server !== null) return serveMedia(request, server);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, null, 'text/plain');
    const file = resolveAsset(root, request.url);
    if (file === null) return answer(404, null, 'text/plain');
    try {
      const body = await readPageFile(file);
      if (body === null) return answer(404, null, 'text/plain');
      const type = CONTENT_TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
      return answer(200, new Uint8Array(body), type, isFrameAsset(request.url));
    } catch {
      // Not to be read: the page shows what is absent, and the build is checked elsewhere.
      return answer(404, null, 'text/plain');
    }
  });
}
