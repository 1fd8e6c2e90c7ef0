import type { FailureFact } from '#contract/failure-saying';
import type { ClientKeys } from '../api/client-keys.ts';
import { tryLocalApi } from '../api/try-local-api.ts';
import type { Attachments } from '../attachments/attachments.ts';
import { CredentialTransfer } from '../credentials/credential-transfer.ts';
import type { Backups } from '../data/backups.ts';
import type { Portability } from '../data/portability.ts';
import type { DiagnosticsDesk } from '../diagnostics/diagnostics-desk.ts';
import { findLocalServers } from '../gateway/find-local-servers.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { HealthWindow } from '../gateway/health-window.ts';
import { KeyCredit } from '../gateway/key-credit.ts';
import type { PrefixHints } from '../gateway/prefix-hints.ts';
import type { ProfileService } from '../gateway/profile-service.ts';
import { ProviderHealth } from '../gateway/provider-health.ts';
import { connectProvider } from '../ipc/connect-provider.ts';
import type { EventPublisher } from '../ipc/event-publisher.ts';
import { createAttachmentHandlers } from '../ipc/handlers/attachment-handlers.ts';
import { createBackupHandlers } from '../ipc/handlers/backup-handlers.ts';
import { createChatHandlers } from '../ipc/handlers/chat-handlers.ts';
import { createDiagnosticsHandlers } from '../ipc/handlers/diagnostics-handlers.ts';
import { createFeedbackHandlers } from '../ipc/handlers/feedback-handlers.ts';
import { createFitHandlers } from '../ipc/handlers/fit-handlers.ts';
import { createLinkHandlers } from '../ipc/handlers/link-handlers.ts';
import { createLocalApiHandlers } from '../ipc/handlers/local-api-handlers.ts';
import { createPortabilityHandlers } from '../ipc/handlers/portability-handlers.ts';
import { createPrefixHandlers } from '../ipc/handlers/prefix-handlers.ts';
import { createPromptHandlers } from '../ipc/handlers/prompt-handlers.ts';
import { createSecretHandlers } from '../ipc/handlers/secret-handlers.ts';
import { createSessionHandlers } from '../ipc/handlers/session-handlers.ts';
import { createSetupHandlers } from '../ipc/handlers/setup-handlers.ts';
import { createTagHandlers } from '../ipc/handlers/tag-handlers.ts';
import { createUpdateHandlers } from '../ipc/handlers/update-handlers.ts';
import { createUsageHandlers } from '../ipc/handlers/usage-handlers.ts';
import { LinkDesk } from '../ipc/link-desk.ts';
import type { Handlers } from '../ipc/router.ts';
import { told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostCapabilities } from '../platform/host-capabilities.ts';
import type { HostLifeline } from '../platform/host-lifeline.ts';
import { isolate } from '../platform/isolate.ts';
import type { Logger } from '../platform/logger.ts';
import type { SecretScrubber } from '../platform/scrub.ts';
import type { FeedbackDesk } from '../runs/feedback-desk.ts';
import type { RunLog } from '../runs/run-log.ts';
import type { LiveSettings } from '../store/live-settings.ts';
import type { ReadClient } from '../store/read-client.ts';
import type { Store } from '../store/store.ts';
import { readCap } from '../usage/client-caps.ts';
import { UsageReports } from '../usage/usage-reports.ts';
import type { KeyParts } from './compose-keys.ts';
import type { ProgramParts } from './compose-programs.ts';
import type { RunParts } from './compose-runs.ts';

/** What a page is told of its host, and what only the host can do for it. */
export interface PageHost {
  kind: 'electron' | 'headless';
  version: string;
  dataDir: string;
  logFile: string;
  capabilities: HostCapabilities;
  lifeline: HostLifeline;
  /** What came of the last choice about the store; shown to the person. */
  notice: FailureFact | null;
  /** Puts a backup in the store's place. @returns what the person is told of it. */
  restore: Parameters<typeof createBackupHandlers>[0]['restore'];
}

/** Builds what a page can ask for: every area's handlers, each with what it needs of the core. */
export function composeHandlers(parts: {
  host: PageHost;
  store: Store;
  log: RunLog;
  reads: ReadClient;
  settings: LiveSettings;
  keyRing: KeyParts;
  runParts: RunParts;
  programs: ProgramParts;
  profiles: ProfileService;
  gateway: Gateway;
  callHealth: HealthWindow;
  prefixHints: PrefixHints;
  attachments: Attachments;
  backups: Backups;
  portability: Portability;
  deleteAll: (withBackups: boolean) => Promise<number>;
  diagnostics: DiagnosticsDesk;
  desk: FeedbackDesk;
  /** The keys of programs. */
  keys: ClientKeys;
  /** The owner's token. */
  token: string;
  publisher: EventPublisher;
  scrubber: SecretScrubber;
  clock: Clock;
  logger: Logger;
  newId: () => string;
  /** Ends questions to providers that are out when the core closes. */
  signal: AbortSignal;
}): Handlers {
  const { host, store, log, reads, settings, keyRing, profiles, callHealth, prefixHints, attachments, backups } = parts;
  const { portability, deleteAll, diagnostics, desk, keys, token, publisher, scrubber, clock, newId, signal } = parts;
  const { keeper, secrets, proxies, renewals, credentials, http } = keyRing;
  const { runs, books, budgets, caps, overrides } = parts.runParts;
  const { localApi, streams, recent } = parts.programs;
  const { questions } = parts.gateway;
  const poolChanged = (credentialId: string | null) =>
    publisher.announce('pool.event', { kind: 'changed', credential_id: credentialId });
  const links = new LinkDesk({
    newId,
    protect: (key) => scrubber.add(key),
    changed: (pending) => publisher.announce('links.changed', { pending }),
  });
  const sessionHandlers = createSessionHandlers({
    store,
    log,
    reads,
    runs,
    attachmentsDir: attachments.folderPath,
    publisher,
    scrub: (text) => scrubber.scrub(text),
    now: () => clock.now(),
    newId,
  });
  const providerHealth = new ProviderHealth({ profiles, credentials, questions, http, clock, signal });
  return {
    ...createChatHandlers({ runs, store, publisher, now: () => clock.now(), newId }),
    ...sessionHandlers,
    ...createFitHandlers({ store, settings: () => settings.current }),
    'sessions.delete': async (payload, viewer) => {
      const deleted = await sessionHandlers['sessions.delete'](payload, viewer);
      streams.threadDeleted(payload.sessionId);
      // Files that only this conversation held go with it; nobody waits for that.
      void attachments.sweep();
      return deleted;
    },
    ...createFeedbackHandlers({ desk, store }),
    ...createAttachmentHandlers(attachments),
    ...createPrefixHandlers(prefixHints),
    ...createBackupHandlers({
      backups,
      lifeline: host.lifeline,
      dataDir: host.dataDir,
      trouble: null,
      restore: host.restore,
      setAside: () => null,
      showInFolder: host.capabilities.showInFolder,
    }),
    ...createPortabilityHandlers({ portability, deleteAll }),
    ...createDiagnosticsHandlers(diagnostics),
    ...createLinkHandlers({
      desk: links,
      sessionTitle: (sessionId) => store.sessions.get(sessionId)?.title ?? null,
      connect: async (asked) => {
        const name = await connectProvider({ profiles, credentials }, asked);
        poolChanged(null);
        return name;
      },
    }),
    ...createUsageHandlers({
      reports: new UsageReports({ reads: books, clock, labelOf: (id) => credentials.labelOf(id) }),
      budgets,
      overrides,
    }),
    ...createUpdateHandlers({
      updates: host.capabilities.updates,
      version: host.version,
      publisher,
      signal: signal,
    }),
    ...createPromptHandlers({ store, now: () => clock.now(), newId }),
    ...createTagHandlers({ store, publisher }),
    ...createLocalApiHandlers({
      state: async () => {
        await localApi.settled();
        const state = localApi.state();
        const spends = await Promise.all(state.clients.map((client) => caps.stateOf(client.id)));
        return { ...state, clients: state.clients.map((one, at) => ({ ...one, spend: spends[at] ?? null })) };
      },
      createClient: (client) => keys.create({ ...client, cap: client.cap === null ? null : readCap(client.cap) }),
      setClientCap: (clientId, cap) => keys.setCap(clientId, cap === null ? null : readCap(cap)),
      revokeClient: (clientId) => keys.revoke(clientId),
      recentCalls: () => ({ calls: recent.list(), turnedAway: recent.turnedAway }),
      tryOut: (profile) => tryLocalApi({ url: localApi.url, token, profile, clock, signal: signal }),
    }),
    ...createSecretHandlers({
      keeper,
      info: () => keyRing.secretsInfo(),
      credentials,
      profiles,
      proxies,
      tokens: renewals,
      transfer: new CredentialTransfer({ store, credentials, secrets, proxies, profiles, clock, newId }),
      health: (profileId, isFresh) => providerHealth.of(profileId, isFresh),
      discover: () => findLocalServers(http, { clock, signal: signal }),
      changed: (credentialId) => poolChanged(credentialId),
    }),
    ...createSetupHandlers({
      store,
      settings,
      profiles,
      credentials,
      questions,
      credit: new KeyCredit({ credentials, profiles, questions, http, clock, signal: signal }),
      health: callHealth,
      now: () => clock.now(),
      publisher,
      warmUp: (profile) => void isolate(parts.logger, () => questions.warmCapabilities(profile)),
      secretsInfo: () => keyRing.secretsInfo(),
      about: {
        host: host.kind,
        version: host.version,
        dataDir: host.dataDir,
        notice: host.notice === null ? null : told(host.notice),
        logFile: host.logFile,
        crash: () => diagnostics.crash(),
        abilities: {
          chooseFolder: host.capabilities.chooseFolder !== undefined,
          notify: host.capabilities.notify !== undefined,
          desktop: host.capabilities.desktop !== undefined,
          showInFolder: host.capabilities.showInFolder !== undefined,
        },
      },
      chooseFolder: host.capabilities.chooseFolder,
      desktop: host.capabilities.desktop,
    }),
  };
}
