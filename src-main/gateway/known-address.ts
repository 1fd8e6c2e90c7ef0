/** Far more addresses than a person has profiles; an agent's addresses of single runs pass through. */
const MOST_KNOWN = 256;

/** An address taken apart. */
export interface KnownAddress {
  url: URL;
  origin: string;
  host: string;
  /** With the query. */
  path: string;
}

const known = new Map<string, KnownAddress>();

/**
 * Takes an address apart; those asked for lately are remembered, because requests go to few.
 *
 * @throws TypeError for what is no address.
 */
export function knownAddress(text: string): KnownAddress {
  const before = known.get(text);
  if (before !== undefined) return before;
  const url = new URL(text);
  const address = { url, origin: url.origin, host: url.host, path: url.pathname + url.search };
  const [oldest] = known.size >= MOST_KNOWN ? known.keys() : [];
  if (oldest !== undefined) known.delete(oldest);
  known.set(text, address);
  return address;
}
