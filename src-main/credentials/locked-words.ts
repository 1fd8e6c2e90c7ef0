import type { FailureSaying } from '#contract/failure-saying';
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
export function whyLocked(cipherKind: string, isKnown: boolean): FailureSaying {
  switch (sealerOf(cipherKind)) {
    case 'vault':
      return { word: isKnown ? 'locked_by_passphrase' : 'locked_record_missing' };
    case 'keyring':
      return { word: 'locked_by_keyring' };
    case 'desktop':
      return { word: 'locked_by_desktop' };
    case 'unknown':
      return { word: 'locked_unknown' };
  }
}
