import type { ProxySource } from '#contract/records';

/** What is set at one place; null where nothing is. */
export type ProxySetting<Proxy> = { mode: 'direct' } | { mode: 'proxy'; proxy: Proxy } | null;

/**
 * The proxy that a credential uses: its own, else its group's, else the general one. `direct` is an answer, too: it ends the
 * search. The general one is for the network outside; an upstream on this computer is called without it. Pure.
 */
export function chooseProxy<Proxy>(settings: {
  credential: ProxySetting<Proxy>;
  group: ProxySetting<Proxy>;
  global: ProxySetting<Proxy>;
  isLoopback: boolean;
}): { source: ProxySource; proxy: Proxy | null } {
  const { credential, group, global, isLoopback } = settings;
  if (credential !== null) {
    return credential.mode === 'direct'
      ? { source: 'credential_direct', proxy: null }
      : { source: 'credential', proxy: credential.proxy };
  }
  if (group !== null) {
    return group.mode === 'direct' ? { source: 'group_direct', proxy: null } : { source: 'group', proxy: group.proxy };
  }
  if (global?.mode !== 'proxy' || isLoopback) return { source: 'none', proxy: null };
  return { source: 'global', proxy: global.proxy };
}

/** Whether an upstream's address is on this computer. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host);
}
