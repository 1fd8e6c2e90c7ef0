import { ATTACHMENT_CHUNK_BYTES, MAX_ATTACHMENT_BYTES, MAX_INPUT_CHARS } from '#contract/limits';
import type { AppInfo, CredentialRecord, CredentialResult } from '#contract/records';
import type { KeyRecords } from '../../credentials/key-records.ts';
import type { HealthWindow } from '../../gateway/health-window.ts';
import type { KeyCredit } from '../../gateway/key-credit.ts';
import type { ProfileService } from '../../gateway/profile-service.ts';
import type { UpstreamQuestions } from '../../gateway/upstream-questions.ts';
import { AppFailure, failureOf } from '../../platform/app-failure.ts';
import type { HostCapabilities } from '../../platform/host-capabilities.ts';
import type { LiveSettings } from '../../store/live-settings.ts';
import type { Store } from '../../store/store.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers } from '../router.ts';
import { checkedFolder } from './checked-folder.ts';
import type { SecretHandlers } from './secret-handlers.ts';

type SetupHandlers = Pick<
  Handlers,
  Exclude<
    Extract<keyof Handlers, `profiles.${string}` | `credentials.${string}` | `settings.${string}` | `app.${string}`>,
    keyof SecretHandlers
  >
>;

/** Who answers, with which keys, under which settings. */
export function createSetupHandlers(parts: {
  store: Store;
  settings: LiveSettings;
  profiles: ProfileService;
  credentials: KeyRecords;
  questions: Pick<UpstreamQuestions, 'testCredential'>;
  credit: Pick<KeyCredit, 'of'>;
  health: Pick<HealthWindow, 'report'>;
  now: () => number;
  publisher: EventPublisher;
  /** Asks a profile's upstream ahead of the first run what it can do. Returns at once. */
  warmUp: (profile: string) => void;
  about: Pick<AppInfo, 'host' | 'version' | 'dataDir' | 'notice' | 'abilities' | 'logFile'> & {
    crash: () => AppInfo['crash'];
  };
  secretsInfo: () => AppInfo['secrets'];
  /** The system's folder dialog, where the host has one. */
  chooseFolder: HostCapabilities['chooseFolder'];
  desktop: HostCapabilities['desktop'];
}): SetupHandlers {
  const {
    store,
    settings,
    profiles,
    credentials,
    questions,
    credit,
    health,
    now,
    publisher,
    warmUp,
    about,
    secretsInfo,
    chooseFolder,
    desktop,
  } = parts;
  const poolChanged = (credentialId: string | null) =>
    publisher.announce('pool.event', { kind: 'changed', credential_id: credentialId });

  return {
    'profiles.list': () => ({ profiles: [...profiles.list()] }),
    'profiles.create': async (payload) => {
      const created = await profiles.create(payload);
      warmUp(created.name);
      poolChanged(null);
      return created;
    },
    'profiles.update': async ({ profileId, ...changes }) => {
      const updated = await profiles.update(profileId, changes);
      warmUp(updated.name);
      poolChanged(null);
      return updated;
    },
    'profiles.leftovers': () => ({ leftovers: store.upstreamSessions.list() }),
    'profiles.delete': async ({ profileId }) => {
      const name = profiles.require(profileId).name;
      if (settings.current.defaultProfile === name) {
        throw failureOf('conflict', { word: 'profile_is_default', with: { name } });
      }
      await profiles.remove(profileId);
      credentials.forgetProfile(profileId);
      poolChanged(null);
      return { deleted: true, profileId };
    },
    'credentials.list': ({ profileId }) => ({ credentials: credentials.list(profileId) }),
    'credentials.create': async ({ profileId, ...payload }) => {
      const created = await credentials.create({ ...payload, profileId, origin: profiles.originOf(profileId) });
      poolChanged(created.id);
      return created;
    },
    'credentials.update': ({ credentialId, ...changes }) => credentials.update(credentialId, changes),
    'credentials.setDisabled': async ({ credentialIds, disabled }) => ({
      results: await each(credentialIds, async (id) => ({ credential: await credentials.setDisabled(id, disabled) })),
    }),
    'credentials.reset': async ({ credentialIds }) => ({
      results: await each(credentialIds, async (id) => ({ credential: await credentials.reset(id) })),
    }),
    'credentials.test': async ({ credentialIds }) => ({
      results: await each(credentialIds, async (id) => {
        const profile = profiles.require(credentials.require(id).profileId);
        const { models } = await questions.testCredential(profile.name, id, new AbortController().signal);
        return { credential: credentials.require(id), models };
      }),
    }),
    'credentials.credit': ({ credentialId, fresh }) => credit.of(credentialId, fresh ?? false),
    'credentials.health': () => health.report(now()),
    'credentials.delete': async ({ credentialId }) => {
      await credentials.remove(credentialId);
      poolChanged(credentialId);
      return { deleted: true, credentialId };
    },
    'settings.get': () => settings.current,
    'settings.set': async ({ values }) => {
      if (values.defaultProfile !== undefined && store.profiles.byName(values.defaultProfile) === null) {
        throw failureOf('not_found', { word: 'profile_unknown', with: { name: values.defaultProfile } });
      }
      return settings.update(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));
    },
    'app.info': () => ({
      name: 'Sluice',
      ...about,
      crash: about.crash(),
      secrets: secretsInfo(),
      storage: store.committer.storage,
      limits: {
        maxInputChars: MAX_INPUT_CHARS,
        maxQueuePerSession: settings.current.maxQueuePerSession,
        maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
        attachmentChunkBytes: ATTACHMENT_CHUNK_BYTES,
      },
    }),
    'app.choose_folder': async ({ title }) => {
      if (chooseFolder === undefined) {
        throw failureOf('unsupported_option', { word: 'no_folder_dialog' });
      }
      return { path: await chooseFolder(title ?? 'Choose a folder') };
    },
    'app.check_folder': async ({ path }) => ({ path: (await checkedFolder(path)) ?? null }),
    'app.desktop': () => ({ desktop: desktop?.() ?? null }),
  };
}

/** At once for tests of keys; more would look like an attack to a provider. */
const AT_ONCE = 4;

/** Does the same to several keys, a few at once. What fails for one is its own result and stops no other. */
async function each(
  credentialIds: readonly string[],
  task: (credentialId: string) => Promise<{ credential: CredentialRecord; models?: number }>,
): Promise<CredentialResult[]> {
  const unique = [...new Set(credentialIds)];
  const results: CredentialResult[] = [];
  const lane = async (first: number) => {
    for (let at = first; at < unique.length; at += AT_ONCE) {
      const credentialId = unique[at] ?? '';
      try {
        results[at] = { credentialId, ok: true, ...(await task(credentialId)) };
      } catch (thrown) {
        if (!(thrown instanceof AppFailure)) throw thrown;
        results[at] = { credentialId, ok: false, error: thrown.toAppError() };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => lane(first)));
  return results;
}
