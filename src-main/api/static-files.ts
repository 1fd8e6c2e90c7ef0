import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { FRAME_PREFIX, framePolicy, frameSource } from '#contract/frame-url';
import { pageHeaders, TRUSTED_TYPES } from '#contract/page-headers';
import { readPageFile } from '../platform/page-file.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The names under which this host is reached. */
const originsOf = (port: number) => [`http://127.0.0.1:${port}`, `http://localhost:${port}`];

/** No inline script or style, nothing from elsewhere, no embedding, no frame but those that draw. `connect-src` names the socket of this very port. */
export function contentSecurityPolicy(port: number): string {
  const socket = `ws://127.0.0.1:${port} ws://localhost:${port}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self'",
    `connect-src 'self' ${socket}`,
    frameSource(originsOf(port)),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    ...TRUSTED_TYPES,
  ].join('; ');
}

/**
 * Where a frame may connect to, by whatever means: to the files beside it. It covers what no policy of content does, above
 * all peer connections. Chromium keeps to it (tried with 156, 2026-11); a browser that does not know it is as safe as
 * before.
 */
export const FRAME_CONNECTIONS = '(response-origin)';

/**
 * The same for the page, whose links lead elsewhere: they count as connections, and a person follows them. What the page
 * fetches by itself is for its policy to say; what is left out here, and refused by it, are peer connections.
 */
export const PAGE_CONNECTIONS = '(response-origin "http://*:*/*" "https://*:*/*" "mailto:*")';

/** The file below `root` that a path names, or null for anything that points elsewhere. */
function resolveStaticPath(root: string, requestPath: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(requestPath);
  } catch (thrown) {
    if (thrown instanceof URIError) return null;
    throw thrown;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  const path = normalize(join(root, decoded === '/' ? 'index.html' : decoded));
  return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : null;
}

/** Serves one file of the built page. Returns false when there is none, and the caller answers 404. */
export async function serveStatic(
  response: ServerResponse,
  root: string,
  requestPath: string,
  options: { port: number; head: boolean },
): Promise<boolean> {
  const path = resolveStaticPath(root, requestPath);
  if (path === null) return false;
  const body = await readPageFile(path);
  if (body === null) return false;
  const isFrame = path.startsWith(join(root, FRAME_PREFIX));
  response.writeHead(200, {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': body.length,
    'content-security-policy': isFrame ? framePolicy(originsOf(options.port)) : contentSecurityPolicy(options.port),
    'connection-allowlist': isFrame ? FRAME_CONNECTIONS : PAGE_CONNECTIONS,
    // Built assets carry a hash in their names; the page itself is always asked for anew.
    'cache-control': requestPath.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...pageHeaders(isFrame),
    // Our page frames these; their policy says who may, which the older header cannot.
    ...(isFrame ? { 'x-frame-options': undefined } : {}),
  });
  response.end(options.head ? undefined : body);
  return true;
}
