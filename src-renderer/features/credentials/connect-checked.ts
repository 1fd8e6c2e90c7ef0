import type { Result } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { failureSentence } from '../../locales/failure-language.ts';
import { firstModel } from './choose-model.ts';
import { type Connection, connectProfile } from './connect-profile.ts';

/**
 * Connects an upstream, asks it for its models, which also tells whether it takes the key, and chooses one to begin with.
 * What was made is taken back where the upstream refuses the key or cannot be reached, so that another try begins anew.
 *
 * The person has agreed to the address: the key goes there with the first question.
 */
export async function connectChecked(api: SluiceApi, connection: Connection): Promise<Result<ProfileRecord>> {
  const connected = await connectProfile(api, connection, null);
  const profile = connected.ok ? connected.data : connected.made;
  const takeBack = async () => {
    if (profile !== undefined) await api.request('profiles.delete', { profileId: profile.id });
  };
  if (!connected.ok) {
    await takeBack();
    return connected;
  }
  const asked = await api.request('profiles.health', { profileId: connected.data.id, fresh: true });
  if (!asked.ok) {
    await takeBack();
    return asked;
  }
  const { state, message, said, models } = asked.data;
  if (state !== 'ok' && state !== 'failing') {
    await takeBack();
    return {
      ok: false,
      error: {
        code: state === 'key-refused' ? 'upstream_auth' : 'upstream_unreachable',
        message: failureSentence(message, said),
        retry: { kind: 'no' },
      },
    };
  }
  const model = connection.model === '' && models !== null ? firstModel(models) : null;
  if (model === null) return connected;
  return api.request('profiles.update', { profileId: connected.data.id, defaultModel: model });
}
