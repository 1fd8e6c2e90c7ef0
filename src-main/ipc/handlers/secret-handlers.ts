import type { AppInfo } from '#contract/records';
import type { CredentialPool } from '../../credentials/credential-pool.ts';
import type { SecretKeeper } from '../../credentials/secret-keeper.ts';
import type { ProfileService } from '../../gateway/profile-service.ts';
import { AppFailure } from '../../platform/app-failure.ts';
import type { Handlers } from '../router.ts';

export type SecretHandlers = Pick<Handlers, Extract<keyof Handlers, `secrets.${string}` | 'credentials.confirmHost'>>;

/** What keys are kept with, and where they may go. */
export function createSecretHandlers(parts: {
  keeper: SecretKeeper;
  info: () => AppInfo['secrets'];
  credentials: CredentialPool;
  profiles: ProfileService;
  changed: (credentialId: string | null) => void;
}): SecretHandlers {
  const { keeper, info, credentials, profiles, changed } = parts;
  return {
    'secrets.unlock': async ({ passphrase }) => {
      await keeper.unlock(passphrase);
      return info();
    },
    'secrets.setUp': async ({ passphrase }) => {
      await keeper.setUp(passphrase);
      return info();
    },
    'secrets.changePassphrase': async ({ current, next }) => {
      await keeper.changePassphrase(current, next);
      return info();
    },
    'secrets.startOver': async ({ passphrase }) => {
      await keeper.startOver(passphrase);
      return info();
    },
    'credentials.confirmHost': async ({ credentialId, origin }) => {
      const known = credentials.list().find((each) => each.id === credentialId);
      if (known === undefined) throw new AppFailure('not_found', 'There is no such key. It may have been deleted.');
      // What the person saw and what holds now may differ: another window may have changed the address since.
      if (profiles.originOf(known.profileId) !== origin) {
        throw new AppFailure('conflict', 'The address has changed meanwhile. Look at it again, then confirm it.', {
          retry: { kind: 'user-action', action: 'confirm-host' },
        });
      }
      const confirmed = await credentials.confirmHost(credentialId, origin);
      changed(credentialId);
      return confirmed;
    },
  };
}
