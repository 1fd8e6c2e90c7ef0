import { safeStorage } from 'electron';
import { AppFailure } from '../platform/app-failure.ts';
import type { SecretCipher } from '../platform/host-capabilities.ts';

/** Stored beside every secret that this cipher sealed. */
const KIND = 'electron-safe-storage';

function locked(cause: unknown): AppFailure {
  return new AppFailure(
    'secrets_locked',
    'The system’s keyring is locked or has lost this key. Unlock it or enter the key again.',
    {
      retry: { kind: 'user-action', action: 'unlock-keys' },
      cause,
    },
  );
}

/**
 * A cipher whose key lies in the system's keyring, or null where there is none. Linux without a keyring falls back to a
 * password that every copy of Electron knows (`basic_text`): that hides a secret from nobody, so it counts as none.
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
    kind: KIND,
    async seal(plain) {
      try {
        return new Uint8Array(await safeStorage.encryptStringAsync(plain));
      } catch (error) {
        throw locked(error);
      }
    },
    async open(sealed) {
      try {
        const { result } = await safeStorage.decryptStringAsync(Buffer.from(sealed));
        return result;
      } catch (error) {
        throw locked(error);
      }
    },
  };
}
