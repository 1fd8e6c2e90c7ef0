import { type ProxyUrlReading, readProxyUrl } from '#contract/proxy-url';
import type { ProxyRecord, ProxyScope, ProxySource } from '#contract/records';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { ProxyRow } from '../store/proxy-repository.ts';
import type { Store } from '../store/store.ts';
import { chooseProxy, isLoopbackHost, type ProxySetting } from './choose-proxy.ts';
import { proxyBinding } from './secret-binding.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** A proxy as a connection needs it. */
export interface ProxyTarget {
  /** Scheme, host and port. */
  url: string;
  username: string | null;
  password: string | null;
}

export interface ProxyChange {
  scope: ProxyScope;
  owner: string;
  mode: 'proxy' | 'direct';
  url?: string | undefined;
  /** Absent keeps it, null clears it. */
  username?: string | null | undefined;
  /** Absent keeps it, empty clears it. Never given back. */
  password?: string | undefined;
}

interface BookParts {
  store: Store;
  keeper: SecretKeeper;
  scrubber: SecretScrubber;
  clock: Clock;
}

/** Which proxy goes with what. Passwords are sealed as keys are; without a cipher they stay in memory. */
export class ProxyBook {
  readonly #parts: BookParts;
  /** Open passwords, by scope and owner. */
  readonly #open = new Map<string, string>();

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  list(): ProxyRecord[] {
    return this.#parts.store.proxies.list().map((row) => this.#toRecord(row));
  }

  /**
   * Sets a proxy. A user name and a password within the address are moved to where they belong. A password is kept only for
   * the address that it was entered for: with another one it is asked for again.
   *
   * @throws AppFailure `invalid_payload` for an address that is none, `secrets_locked`, `storage_*`; nothing changed then.
   */
  async set(change: ProxyChange): Promise<ProxyRecord> {
    const { store, keeper, scrubber, clock } = this.#parts;
    const owner = change.scope === 'global' ? '' : change.owner;
    const old = store.proxies.get(change.scope, owner);
    const name = nameOf(change.scope, owner);
    const bare = { scope: change.scope, owner, updated_at_ms: clock.now() };
    if (change.mode === 'direct') {
      const row: ProxyRow = {
        ...bare,
        mode: 'direct',
        url: '',
        username: null,
        cipher_kind: null,
        sealed_password: null,
      };
      await store.committer.commit(() => store.proxies.put(row));
      this.#open.delete(name);
      return this.#toRecord(row);
    }
    const { url, username: inUrl, password: passwordInUrl } = readOrThrow(change.url ?? old?.url ?? '');
    const isSame = old?.url === url;
    const username = change.username === undefined ? (inUrl ?? (isSame ? old.username : null)) : change.username;
    const given = change.password ?? passwordInUrl ?? undefined;
    const row: ProxyRow = {
      ...bare,
      mode: 'proxy',
      url,
      username: username === '' ? null : username,
      cipher_kind: isSame ? old.cipher_kind : null,
      sealed_password: isSame ? old.sealed_password : null,
    };
    if (given !== undefined) {
      scrubber.add(given);
      scrubber.add(`${row.username ?? ''}:${given}`);
      const sealed = given === '' ? null : await keeper.seal(given, proxyBinding(change.scope, owner, url));
      row.cipher_kind = sealed?.cipherKind ?? null;
      row.sealed_password = sealed?.sealed ?? null;
    }
    await store.committer.commit(() => store.proxies.put(row));
    if (given !== undefined && given !== '') this.#open.set(name, given);
    else if (given === '' || !isSame) this.#open.delete(name);
    return this.#toRecord(row);
  }

  /** What seals secrets has changed: passwords that were in memory only are stored now. Rejects with `storage_*`. */
  async sealingChanged(): Promise<void> {
    const { store, keeper } = this.#parts;
    if (keeper.state !== 'ready') return;
    for (const row of store.proxies.list()) {
      const password = this.#open.get(nameOf(row.scope, row.owner));
      if (password === undefined || row.sealed_password !== null) continue;
      const sealed = await keeper.seal(password, proxyBinding(row.scope, row.owner, row.url));
      if (sealed === null) continue;
      await store.committer.commit(() => {
        // Changed meanwhile, it was sealed with that change.
        if (store.proxies.get(row.scope, row.owner)?.updated_at_ms !== row.updated_at_ms) return;
        store.proxies.put({ ...row, cipher_kind: sealed.cipherKind, sealed_password: sealed.sealed });
      });
    }
  }

  /** @returns whether there was one. */
  async remove(scope: ProxyScope, owner: string): Promise<boolean> {
    const { store } = this.#parts;
    const wasThere = await store.committer.commit(() => store.proxies.remove(scope, scope === 'global' ? '' : owner));
    this.#open.delete(nameOf(scope, owner));
    return wasThere;
  }

  /** Where a credential's proxy comes from, and its address, without opening anything. */
  effectiveOf(
    credential: { id: string; group: string | null } | null,
    origin: string,
  ): { source: ProxySource; url: string | null } {
    const { source, proxy } = this.#choose(credential, origin);
    return { source, url: proxy?.url ?? null };
  }

  /**
   * The proxy to call an origin through with a credential; null for none. @throws AppFailure `secrets_locked` for a password
   * that cannot be opened: a request never goes around a proxy that was set.
   */
  targetFor(credential: { id: string; group: string | null } | null, origin: string): Promise<ProxyTarget> | null {
    const { proxy } = this.#choose(credential, origin);
    return proxy === null ? null : this.#opened(proxy);
  }

  async #opened(proxy: ProxyRow): Promise<ProxyTarget> {
    return { url: proxy.url, username: proxy.username, password: await this.#passwordOf(proxy) };
  }

  /** A proxy's password, for an export; null where it has none. @throws AppFailure `secrets_locked`. */
  async password(scope: ProxyScope, owner: string): Promise<string | null> {
    const row = this.#parts.store.proxies.get(scope, owner);
    return row === null ? null : this.#passwordOf(row);
  }

  #choose(credential: { id: string; group: string | null } | null, origin: string) {
    const { store } = this.#parts;
    const setting = (scope: ProxyScope, owner: string | null | undefined): ProxySetting<ProxyRow> => {
      const row = owner == null ? null : store.proxies.get(scope, owner);
      if (row === null) return null;
      return row.mode === 'direct' ? { mode: 'direct' } : { mode: 'proxy', proxy: row };
    };
    const global = setting('global', '');
    return chooseProxy({
      credential: setting('credential', credential?.id),
      group: setting('group', credential?.group),
      global,
      // Only the general one asks for it, and nearly nobody has one.
      isLoopback: global?.mode === 'proxy' && isLoopbackHost(URL.parse(origin)?.hostname ?? ''),
    });
  }

  async #passwordOf(row: ProxyRow): Promise<string | null> {
    const { keeper, scrubber } = this.#parts;
    const name = nameOf(row.scope, row.owner);
    const known = this.#open.get(name);
    if (known !== undefined || row.sealed_password === null || row.cipher_kind === null) return known ?? null;
    const password = await keeper.open(
      row.sealed_password,
      row.cipher_kind,
      proxyBinding(row.scope, row.owner, row.url),
    );
    scrubber.add(password);
    scrubber.add(`${row.username ?? ''}:${password}`);
    this.#open.set(name, password);
    return password;
  }

  #toRecord(row: ProxyRow): ProxyRecord {
    const isOpen = this.#open.has(nameOf(row.scope, row.owner));
    const isSealed = row.sealed_password !== null;
    return {
      scope: row.scope,
      owner: row.owner,
      mode: row.mode,
      url: row.url,
      username: row.username,
      hasPassword: isSealed || isOpen,
      passwordLocked: isSealed && !isOpen && !this.#parts.keeper.canOpen(row.cipher_kind ?? ''),
      updatedAtMs: row.updated_at_ms,
    };
  }
}

function nameOf(scope: ProxyScope, owner: string): string {
  return `${scope}\n${scope === 'global' ? '' : owner}`;
}

function readOrThrow(text: string): Extract<ProxyUrlReading, { ok: true }> {
  const reading = readProxyUrl(text);
  if (reading.ok) return reading;
  throw failureOf('invalid_payload', reading.said, {
    retry: { kind: 'user-action', action: 'check-proxy' },
    details: { field: 'url' },
  });
}
