import { OLDER_VAULT_KIND } from './older-vault.ts';

/** Who sealed something: the word before the colon of a `cipher_kind`. */
export type SealerKind = 'vault' | 'keyring' | 'desktop' | 'unknown';

export function sealerOf(cipherKind: string): SealerKind {
  if (cipherKind === OLDER_VAULT_KIND || cipherKind.startsWith('vault:')) return 'vault';
  if (cipherKind.startsWith('keyring:')) return 'keyring';
  return cipherKind.startsWith('electron-') ? 'desktop' : 'unknown';
}

/**
 * Why something that is sealed cannot be opened now, and what helps. Pure.
 *
 * @param isKnown whether this data directory has the record of the key that sealed it.
 */
export function lockedSentence(cipherKind: string, isKnown: boolean): string {
  switch (sealerOf(cipherKind)) {
    case 'vault':
      return isKnown
        ? 'Locked by your passphrase. Unlock it, or enter the key again.'
        : 'Sealed with a passphrase whose record is missing here. Enter the key again.';
    case 'keyring':
      return 'Sealed with a keyring that is locked now or belongs to another computer. Unlock that keyring and start Sluice again, or enter the key again.';
    case 'desktop':
      return 'Sealed by the desktop application of another session or computer. Open it there, or enter the key again.';
    case 'unknown':
      return 'Sealed in a way that this version does not know. Enter the key again.';
  }
}
