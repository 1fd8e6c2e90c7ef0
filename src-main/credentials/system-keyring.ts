import type { SystemKeyring } from '../platform/host-capabilities.ts';

/** What the keyring's own window calls the entries. */
const SERVICE = 'Sluice';

/**
 * The system's keyring for a host without Electron: Keychain, Credential Manager, or on Linux the Secret Service over
 * D-Bus. The kernel's key ring, which forgets at a restart, is never taken in its place. The native library is loaded with
 * the first question; where it cannot be, that question rejects.
 */
export function systemKeyring(): SystemKeyring {
  const entryOf = async (name: string) => {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    return new AsyncEntry(SERVICE, name, { linux: { store: 'secret-service' } });
  };
  return {
    async read(name) {
      const bytes = await (await entryOf(name)).getSecret();
      return bytes === null ? null : Uint8Array.from(bytes);
    },
    async write(name, secret) {
      await (await entryOf(name)).setSecret(secret);
    },
  };
}
