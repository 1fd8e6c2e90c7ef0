import { safeStorage } from 'electron';
import type { AppFailure } from '../platform/app-failure.ts';
import { failureOf } from '../platform/app-failure.ts';
import type { SecretCipher } from '../platform/host-capabilities.ts';
import { notThisRow } from './sealed-by-key.ts';

/** Stored beside every secret that this cipher sealed. */
const ELECTRON_KIND = 'electron-safe-storage';

/** Begins what is sealed with its binding; earlier versions sealed the bare secret, and no key begins like this. */
const BOUND = '\u0002';

function locked(cause: unknown): AppFailure {
  return failureOf(
    'secrets_locked',
    { word: 'keyring_locked' },
    {
      retry: { kind: 'user-action', action: 'unlock-keys' },
      cause,
    },
  );
}

/**
 * A cipher whose key lies in the system's keyring, or null where there is none. Linux without a keyring falls back to a
 * password that every copy of Electron knows (`basic_text`): that hides a secret from nobody, so it counts as none. The
 * keyring seals text and nothing beside it, so what a secret is bound to is sealed with it.
 *
 * Call it after the application is ready; before, the keyring is not known yet.
 */
export async function openElectronCipher(platform: NodeJS.Platform): Promise<SecretCipher | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown') return null;
  }
  return {
    kind: ELECTRON_KIND,
    async seal(plain, binding) {
      try {
        return new Uint8Array(await safeStorage.encryptStringAsync(BOUND + JSON.stringify([binding, plain])));
      } catch (error) {
        throw locked(error);
      }
    },
    async open(sealed, binding) {
      let text: string;
      try {
        text = (await safeStorage.decryptStringAsync(Buffer.from(sealed))).result;
      } catch (error) {
        throw locked(error);
      }
      if (!text.startsWith(BOUND)) return text;
      const [boundTo, plain] = JSON.parse(text.slice(BOUND.length)) as [string, string];
      if (boundTo !== binding) throw notThisRow();
      return plain;
    },
  };
}
