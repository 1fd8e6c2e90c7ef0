// The page's one way to stored files.
export { mediaUrl } from '#contract/media-url';

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
