/**
 * What every answer of both hosts says besides its policy. Nobody else embeds or opens what is here, no address of ours
 * leaves as a referrer, a type is what we say it is, and the page has no use for what a computer could show or hear.
 *
 * @param isFrame a frame shares its origin with nothing, not even with the script beside it.
 */
export function pageHeaders(isFrame: boolean): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // Chromium looks up the hosts of links before anybody follows them, and a name can carry what an answer was talked into.
    'x-dns-prefetch-control': 'off',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': isFrame ? 'cross-origin' : 'same-origin',
    'permissions-policy': UNUSED.map((feature) => `${feature}=()`).join(', '),
  };
}

const UNUSED = [
  'camera',
  'microphone',
  'geolocation',
  'display-capture',
  'usb',
  'serial',
  'hid',
  'bluetooth',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'idle-detection',
];

/**
 * Text never becomes markup or a script's address in the page: every such place of the browser wants a typed value, and the
 * one policy that there is (`trusted-scripts.ts`) makes them for our own workers only.
 */
export const TRUSTED_TYPES = ["require-trusted-types-for 'script'", 'trusted-types default'] as const;
