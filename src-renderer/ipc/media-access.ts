import { mediaUrl } from '#contract/media-url';

// The page's one way to stored files.
export { mediaUrl };

/** The cookie of the headless host may come later than the first question; together these wait for about 4 s. */
const REFUSED_WAITS_MS = [250, 500, 1000, 2000];

/**
 * Whether a stored file is still there. An answer that says neither yes nor no, or none at all, counts as yes: only what
 * is surely gone is to be reported as gone.
 */
export async function isMediaKept(
  path: string,
  ask: (url: string) => Promise<{ status: number }> = (url) => fetch(url, { method: 'HEAD', cache: 'no-store' }),
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<boolean> {
  for (const waitMs of [...REFUSED_WAITS_MS, null]) {
    try {
      const { status } = await ask(mediaUrl(path));
      if (status !== 401 && status !== 403) return status !== 404 && status !== 410;
    } catch {
      // Out of reach, which every request says in words.
      return true;
    }
    if (waitMs !== null) await wait(waitMs);
  }
  return true;
}

/**
 * In the headless host an `<img>` has to show who asks, and it can send no token: the host sets a cookie for it. Settles in
 * any case.
 */
export async function allowMedia(token: string): Promise<void> {
  try {
    await fetch('/api/app/media-cookie', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
  } catch {
    // The host is out of reach, which every request says in words. A reload asks again.
    return;
  }
}
