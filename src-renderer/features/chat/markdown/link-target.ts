/** What a link of an answer may do. Addresses are the parsed ones, so that what was checked is what is shown and opened. */
export type LinkTarget =
  /** Opens outside at once. */
  | { kind: 'open'; href: string }
  /** Opens outside once a person has seen where it leads: its words name another place. */
  | { kind: 'confirm'; href: string; host: string }
  /** Never opened by us; the address can be copied. */
  | { kind: 'show'; href: string }
  /** No link at all. */
  | { kind: 'none' };

const OPENABLE = new Set(['https:', 'http:', 'mailto:']);

/** What runs in a page, reads this computer, or is the page itself. Such an address is not even offered for copying. */
const NEVER = new Set([
  'javascript:',
  'vbscript:',
  'data:',
  'file:',
  'blob:',
  'filesystem:',
  'about:',
  'view-source:',
  'app:',
  'chrome:',
  'devtools:',
  'jar:',
]);

/** Words that are an address by themselves. */
const ADDRESS = /^(?:https?:\/\/)?(?:[^\s/@]*@)?((?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,24})(?::\d+)?(?:[/?#]\S*)?$/iu;

const bare = (host: string) => host.toLowerCase().replace(/^www\./, '');

/**
 * Decides about a link by its parsed address, as a browser reads it: white space and control characters within a scheme
 * hide nothing. A relative address leads nowhere, since an answer has no place of its own.
 *
 * @param words what the link shows.
 */
export function linkTarget(address: string, words: string): LinkTarget {
  const url = URL.parse(address);
  if (url === null || NEVER.has(url.protocol)) return { kind: 'none' };
  if (!OPENABLE.has(url.protocol)) return { kind: 'show', href: url.href };
  if (url.protocol === 'mailto:') return { kind: 'open', href: url.href };
  const named = ADDRESS.exec(words.trim())?.[1];
  const namedHost = named === undefined ? null : (URL.parse(`https://${named}`)?.host ?? null);
  const isDisguised = url.username !== '' || (namedHost !== null && bare(namedHost) !== bare(url.hostname));
  return isDisguised ? { kind: 'confirm', href: url.href, host: url.host } : { kind: 'open', href: url.href };
}

/** Where a picture of an answer comes from. */
export type ImageTarget =
  /** A file that a host may serve to the page; whether it does is decided there. */
  | { kind: 'file'; path: string }
  /** Somewhere else: nothing is asked for until a person wants it. */
  | { kind: 'remote'; href: string; host: string }
  | { kind: 'none' };

/** Decides about a picture. A path counts only where it is a whole one; `data:` and other schemes show nothing. */
export function imageTarget(address: string): ImageTarget {
  if (/^\/(?![/\\])|^[a-z]:[\\/]/i.test(address)) return { kind: 'file', path: decodePath(address) };
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { kind: 'none' };
  return { kind: 'remote', href: url.href, host: url.host };
}

/** A path in Markdown is written as in an address: `my%20chart.png`. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (thrown) {
    if (thrown instanceof URIError) return path;
    throw thrown;
  }
}
