import type { FailureSaying } from './failure-saying.ts';

/** A proxy's address as a person writes it, taken apart. */
export type ProxyUrlReading =
  | {
      ok: true;
      /** Scheme, host and port, and nothing else; the port is always there. */
      url: string;
      /** From within the address, decoded; null where it held none. */
      username: string | null;
      password: string | null;
    }
  | { ok: false; said: FailureSaying };

const DEFAULT_PORT: Record<string, string> = { http: '80', https: '443', socks5: '1080' };

/**
 * Reads the address of an http, https or socks5 proxy. A user name and a password within it are given back apart, so that
 * no address that is stored or shown holds them (BUG-D14). Pure; the page uses it as well.
 */
export function readProxyUrl(text: string): ProxyUrlReading {
  const trimmed = text.trim();
  if (trimmed === '') return refused({ word: 'proxy_url_empty' });
  const [, written = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(trimmed) ?? [];
  if (written === '') return refused({ word: 'proxy_url_begins' });
  const scheme = written.toLowerCase().replace(/^socks5h$/, 'socks5');
  if (!(scheme in DEFAULT_PORT)) {
    return refused({ word: 'proxy_url_kind', with: { kind: written.toLowerCase() } });
  }
  // Only the well-known schemes are read in full: others leave a host's case and default port as they are.
  const url = URL.parse(`${scheme === 'https' ? 'https' : 'http'}://${rest}`);
  if (url === null) return refused({ word: 'proxy_url_invalid' });
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    return refused({ word: 'proxy_url_ends' });
  }
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === null || password === null) {
    return refused({ word: 'proxy_url_sign_in' });
  }
  // `URL` drops a port that is the default of its scheme.
  const fallback = scheme === 'socks5' ? (/:80\/?$/.test(rest) ? '80' : DEFAULT_PORT['socks5']) : DEFAULT_PORT[scheme];
  return {
    ok: true,
    url: `${scheme}://${url.hostname}:${url.port === '' ? (fallback ?? '') : url.port}`,
    username: username === '' ? null : username,
    password: password === '' ? null : password,
  };
}

function refused(said: FailureSaying): ProxyUrlReading {
  return { ok: false, said };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign: whatever was meant, it is not this.
    return null;
  }
}
