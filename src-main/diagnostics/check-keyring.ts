import { type Finding, note, well } from './finding.ts';

/** A keyring may ask a person first; nobody waits longer than this to hear that. */
const ANSWER_WITHIN_MS = 4000;

/**
 * Whether keys find a place that the system guards. Nothing of this is a fault: without one, Sluice keeps keys in memory, or
 * behind a passphrase.
 *
 * @param parts.name what the system's own is called.
 * @param parts.ask asks it for something that is not there; absent where a person switched it off.
 */
export async function checkKeyring(parts: {
  name: string;
  hasPassphrase: boolean;
  ask: (() => Promise<unknown>) | null;
}): Promise<Finding> {
  const { name, hasPassphrase, ask } = parts;
  if (hasPassphrase)
    return well('keyring', 'Keys are encrypted with a passphrase (SLUICE_VAULT_PASSPHRASE).', {
      backend: 'passphrase',
    });
  const otherwise = 'Keys stay in memory, or behind a passphrase that is set under Credentials.';
  if (ask === null) return note('keyring', `The keyring is switched off. ${otherwise}`, { backend: 'off' });
  const facts = { backend: name };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ANSWER_WITHIN_MS);
  });
  try {
    const answer = await Promise.race([ask().then(() => 'answers' as const), late]);
    return answer === 'answers'
      ? well('keyring', `The keyring answers (${name}).`, { ...facts, answers: true })
      : note('keyring', `The keyring (${name}) did not answer in time: it may be locked. ${otherwise}`, {
          ...facts,
          answers: false,
        });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return note('keyring', `No keyring answers (${name}: ${reason}). ${otherwise}`, { ...facts, answers: false });
  } finally {
    clearTimeout(timer);
  }
}

/** What each system calls its own. */
export function keyringName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Keychain';
  return platform === 'win32' ? 'Credential Manager' : 'Secret Service';
}
