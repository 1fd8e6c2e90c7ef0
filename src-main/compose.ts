import { randomBytes } from 'node:crypto';
import type { LoggedEvent } from '#contract/events';
import { newId as makeId } from '#contract/ids';
import type { AppInfo } from '#contract/records';
import type { Settings } from '#contract/settings';
import { ApiDoor } from './api/api-door.ts';
import { json, route } from './api/api-route.ts';
import { AuthThrottle } from './api/auth-throttle.ts';
import { ClientKeys } from './api/client-keys.ts';
import { LocalApi } from './api/local-api.ts';
import { type LoopbackOptions, type LoopbackServer, startLoopbackServer } from './api/loopback-server.ts';
import { IdempotencyDesk } from './api/model-api/idempotency.ts';
import { modelRoutes } from './api/model-api/model-routes.ts';
import { RecentCalls } from './api/model-api/recent-calls.ts';
import { openApiDocument } from './api/openapi.ts';
import { REFERENCE_POLICY, referencePage } from './api/reference-page.ts';
import { RunStreams } from './api/runs-api/run-streams.ts';
import { runsApiRoutes } from './api/runs-api/runs-api.ts';
import { ServerMetrics } from './api/server-metrics.ts';
import { createAttachments } from './attachments/attachments.ts';
import { FileTokens } from './attachments/file-tokens.ts';
import type { MediaServer } from './attachments/media-server.ts';
import { contextWindowOf } from './compressor/context-window.ts';
import { pictureRule } from './compressor/image-tokens.ts';
import { TokenCounter } from './compressor/token-client.ts';
import { CredentialPool } from './credentials/credential-pool.ts';
import { CredentialSecrets } from './credentials/credential-secrets.ts';
import { CredentialTransfer } from './credentials/credential-transfer.ts';
import { OAuthTokens } from './credentials/oauth-tokens.ts';
import { ProxyBook } from './credentials/proxy-book.ts';
import { SecretKeeper } from './credentials/secret-keeper.ts';
import { Backups } from './data/backups.ts';
import { Portability } from './data/portability.ts';
import { taskRunner } from './data/run-task.ts';
import { findLocalServers } from './gateway/find-local-servers.ts';
import { Gateway } from './gateway/gateway.ts';
import { HealthCache } from './gateway/health-cache.ts';
import { HealthWindow } from './gateway/health-window.ts';
import { HttpClient } from './gateway/http-client.ts';
import { PrefixHints } from './gateway/prefix-hints.ts';
import { ProfileService } from './gateway/profile-service.ts';
import { ModelsList } from './gateway/relay/models-list.ts';
import { Relay } from './gateway/relay/relay.ts';
import { askTokenEndpoint } from './gateway/token-endpoint.ts';
import { translateRequest } from './gateway/translate/translation.ts';
import { checkUpstream, readingOfFailure } from './gateway/upstream-health.ts';
import { EventPublisher } from './ipc/event-publisher.ts';
import { createAttachmentHandlers, UPLOAD_LIMITS } from './ipc/handlers/attachment-handlers.ts';
import { createBackupHandlers } from './ipc/handlers/backup-handlers.ts';
import { createChatHandlers } from './ipc/handlers/chat-handlers.ts';
import { createFeedbackHandlers } from './ipc/handlers/feedback-handlers.ts';
import { createLinkHandlers, freeName } from './ipc/handlers/link-handlers.ts';
import { createLocalApiHandlers } from './ipc/handlers/local-api-handlers.ts';
import { createPortabilityHandlers } from './ipc/handlers/portability-handlers.ts';
import { createPrefixHandlers } from './ipc/handlers/prefix-handlers.ts';
import { createPromptHandlers } from './ipc/handlers/prompt-handlers.ts';
import { createSecretHandlers } from './ipc/handlers/secret-handlers.ts';
import { createSessionHandlers } from './ipc/handlers/session-handlers.ts';
import { createSetupHandlers } from './ipc/handlers/setup-handlers.ts';
import { createUpdateHandlers } from './ipc/handlers/update-handlers.ts';
import { createUsageHandlers } from './ipc/handlers/usage-handlers.ts';
import { LinkDesk } from './ipc/link-desk.ts';
import { PoolAnnouncer } from './ipc/pool-announcer.ts';
import { createRouter, type Router } from './ipc/router.ts';
import { SessionAnnouncer } from './ipc/session-announcer.ts';
import { AbortReason, AppFailure } from './platform/app-failure.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { systemDisk } from './platform/disk.ts';
import type { HostCapabilities } from './platform/host-capabilities.ts';
import { type HostLifeline, NO_LIFELINE } from './platform/host-lifeline.ts';
import { isolate } from './platform/isolate.ts';
import { createFileLogger, describeThrown } from './platform/logger.ts';
import { dataPaths, ensureDataDir } from './platform/paths.ts';
import { SecretScrubber } from './platform/scrub.ts';
import type { ContextPorts } from './runs/context-meter.ts';
import { FeedbackDesk } from './runs/feedback-desk.ts';
import { RunLifecycle } from './runs/run-lifecycle.ts';
import { RunLog } from './runs/run-log.ts';
import { RunService } from './runs/run-service.ts';
import { RunSlots } from './runs/run-slots.ts';
import { acquireHostLock } from './store/host-lock.ts';
import { LiveSettings } from './store/live-settings.ts';
import { ReadClient } from './store/read-client.ts';
import { restoreBackup } from './store/restore.ts';
import { restoreNotice } from './store/restore-words.ts';
import { openStore, type Store } from './store/store.ts';
import { checkpointInWorker } from './store/wal-checkpointer.ts';
import { Budgets } from './usage/budgets.ts';
import { CallLedger } from './usage/call-ledger.ts';
import { ClientCaps, readCap } from './usage/client-caps.ts';
import { hostTimeZone } from './usage/local-days.ts';
import { ModelOverrides } from './usage/model-overrides.ts';
import { PriceBook } from './usage/price-book.ts';
import { UsageReports } from './usage/usage-reports.ts';

/** No step of the way out may hold up the others for longer. */
const STOP_STEP_MS = 3000;
/** After the start, and late enough to be in nobody's way. */
const WARM_UP_AFTER_MS = 250;

export interface LoopbackChoice {
  token: string;
  port: number;
  /** Takes any free port when the wanted one is taken; for a port that nobody asked for by name. */
  anyPortWhenTaken: boolean;
  rendererDir: string | null;
}

export interface ComposeOptions {
  host: 'electron' | 'headless';
  dataDir: string;
  version: string;
  capabilities: HostCapabilities;
  /** The server of this host; null where it stands behind the switch of the settings. */
  loopback: LoopbackChoice | null;
  /** The read worker's file. */
  readWorkerUrl: URL;
  /** The file of the worker that counts tokens. */
  tokenWorkerUrl: URL;
  /** The file of the worker that backs up, exports and imports. */
  dataWorkerUrl: URL;
  /** The host's side of closing and opening anew; absent where it opens once. */
  lifeline?: HostLifeline;
  /** What came of the last choice about the store; shown to the person. */
  notice?: string | null;
  clock?: Clock;
}

export interface Core {
  readonly router: Router;
  /** Serves attachments and files of working folders to the page. */
  readonly media: MediaServer;
  /** The loopback server's address once started; null while it is off. */
  readonly url: string | null;
  /** Tells the host of every event once it is stored. Returns the unsubscribe function. */
  onEvent(listener: (event: LoggedEvent) => void): () => void;
  /** Tells the settings now, and again after each change. Returns the unsubscribe function. */
  onSettings(listener: (settings: Settings) => void): () => void;
  /** Puts the store in order and opens the doors. */
  start(): Promise<void>;
  /** Closes the doors, lets go of what runs and closes the store. Nothing that was acknowledged is lost. */
  stop(reason: 'quit' | 'signal' | 'reopen'): Promise<void>;
}

function secretsInfo(keeper: SecretKeeper): AppInfo['secrets'] {
  return {
    state: keeper.state,
    storage: keeper.state === 'none' ? 'memory' : 'sealed',
    cipherKind: keeper.cipherKind,
    hasPassphrase: keeper.hasPassphrase,
    standing: keeper.standing,
    message: keeper.describe(),
  };
}

function switchOf(settings: Settings): { enabled: boolean; port: number } {
  return { enabled: settings.localApiEnabled, port: settings.localApiPort };
}

export async function listen(
  choice: LoopbackChoice,
  parts: Pick<LoopbackOptions, 'router' | 'logger' | 'attachments' | 'door' | 'throttle'>,
): Promise<LoopbackServer> {
  const start = (port: number) =>
    startLoopbackServer({ ...parts, token: choice.token, port, rendererDir: choice.rendererDir });
  try {
    return await start(choice.port);
  } catch (thrown) {
    const taken = thrown instanceof AppFailure && thrown.code === 'conflict';
    if (!taken || !choice.anyPortWhenTaken) throw thrown;
    return start(0);
  }
}

/**
 * Builds the core of a host: the only place that constructs and wires. The host owns what it returns and stops it.
 *
 * @throws AppFailure `conflict` when another host holds the data directory, `storage_*` when the store cannot be opened.
 */
export async function compose(options: ComposeOptions): Promise<Core> {
  const clock = options.clock ?? systemClock;
  const newId = () => makeId(clock.now());
  ensureDataDir(options.dataDir);
  const paths = dataPaths(options.dataDir);
  const lock = acquireHostLock(paths, { pid: process.pid, host: options.host, startedAtMs: clock.now() });
  const scrubber = new SecretScrubber();
  // Without a token of its own nobody is the owner over the network: the desktop application's page does not need to be.
  const token = options.loopback?.token ?? randomBytes(32).toString('hex');
  scrubber.add(token);
  const logger = createFileLogger(paths.log, scrubber);

  let store: Store;
  try {
    store = openStore(paths, { clock });
  } catch (thrown) {
    // The host may go on with its rescue: nothing of this attempt may stand in its way.
    lock.release();
    throw thrown;
  }
  const settings = new LiveSettings(store);
  const reads = new ReadClient(options.readWorkerUrl, paths.database);
  checkpointInWorker(store, reads, `${paths.database}-wal`, logger);
  const log = new RunLog({ committer: store.committer, events: store.events, sessions: store.sessions, clock, logger });

  const profiles = new ProfileService({ store, clock, newId });
  await profiles.ensureDemo();
  const { cipher, keyring, vaultPassphrase } = options.capabilities;
  const keeper = await SecretKeeper.open({
    store,
    host: {
      cipher,
      ...(keyring === undefined ? {} : { keyring }),
      ...(vaultPassphrase === undefined ? {} : { vaultPassphrase }),
    },
    clock,
    logger,
    newId,
  });
  const secrets = new CredentialSecrets({ store, keeper, scrubber, clock });
  const proxies = new ProxyBook({ store, keeper, scrubber, clock });
  const http = new HttpClient();
  const relayHttp = new HttpClient();
  const renewals = new OAuthTokens({
    store,
    secrets,
    clock,
    logger,
    askEndpoint: async (request) => {
      const { credentialId, tokenUrl } = request;
      const credential = { id: credentialId, group: credentials.groupOf(credentialId) };
      const proxy = await proxies.targetFor(credential, new URL(tokenUrl).origin);
      return askTokenEndpoint(http, request, { clock, proxy });
    },
    changed: (credentialId) => credentials.renewalChanged(credentialId),
  });
  const credentials: CredentialPool = new CredentialPool({
    store,
    secrets,
    scrubber,
    clock,
    newId,
    renewals,
    settings: () => settings.current,
    onWriteFailure: (thrown) => logger.error(describeThrown(thrown), 'what is known of keys could not be stored'),
  });
  const callHealth = new HealthWindow(clock.now());
  const prefixHints = new PrefixHints(() => settings.current);
  const gateway = new Gateway({
    profiles,
    credentials,
    proxyFor: (id, origin) => proxies.targetFor(id === null ? null : { id, group: credentials.groupOf(id) }, origin),
    settings: () => settings.current,
    clock,
    ended: (record) => callHealth.add(record),
    answered: (request, record) => prefixHints.answered(request, record),
  });
  const upstreamHealth = new HealthCache(clock);
  const closing = new AbortController();
  const attachments = createAttachments({
    dataDir: options.dataDir,
    store,
    limits: UPLOAD_LIMITS,
    clock,
    logger,
    newId,
  });
  const runTask = taskRunner(options.dataWorkerUrl);
  const backups = new Backups({ paths, runTask, clock, logger });
  const askAbilities = (profile: string) => void isolate(logger, () => gateway.warmCapabilities(profile));
  const tokens = new TokenCounter(options.tokenWorkerUrl, (cause) =>
    logger.warn(describeThrown(cause), 'tokens could not be counted, so they are estimated'),
  );
  const countTokens: ContextPorts['countTokens'] = (texts, model, signal) => tokens.count(texts, model, signal);
  const { loadParts, isOwn } = attachments;
  const fileTokens = new FileTokens({ loadParts, isOwn, countTokens });
  const slots = new RunSlots(() => settings.current.maxConcurrentRuns);
  const overrides = new ModelOverrides({ store, clock, newId });
  const budgets = new Budgets({
    store,
    clock,
    newId,
    timeZone: hostTimeZone,
    sumsBetween: (fromMs, toMs) => reads.ask('usageBetween', { fromMs, toMs }),
  });
  const profileOf = (name: string) => profiles.list().find((profile) => profile.name === name) ?? null;
  const labelOf = (id: string) => credentials.labelOf(id);
  const keys = new ClientKeys({ store, clock, scrubber, newId });
  const caps = new ClientCaps({
    clientOf: (clientId) => keys.get(clientId),
    clock,
    timeZone: hostTimeZone,
    sumsOf: (clientId, fromMs, toMs) => reads.ask('usageOfClient', { clientId, fromMs, toMs }),
  });
  const calls = new CallLedger({
    store,
    clock,
    logger,
    prices: new PriceBook({ overrides, profileOf, logger }),
    picturesOf: (name) => {
      const kind = profileOf(name)?.kind;
      return kind === undefined ? 'none' : pictureRule(kind);
    },
    defaultModelOf: (name) => profileOf(name)?.defaultModel ?? null,
    labelOf,
    assertMayCall: async (clientId) => {
      await caps.assertMaySpend(clientId);
      await budgets.assertMayCall();
    },
  });
  const runs = new RunService({
    store,
    log,
    calls,
    settings: () => settings.current,
    upstream: gateway,
    loadParts,
    context: {
      countTokens,
      fileTokens: (blocks, { profile, model, workspace }, signal) => {
        const { kind } = profiles.byName(profile);
        return fileTokens.count(blocks, { model, workspace, pictures: pictureRule(kind), signal });
      },
      windowOf: async (profile, model) => {
        const known = profiles.byName(profile);
        const name = model ?? known.defaultModel;
        const own = overrides.windowOf(profile, name);
        const ownEntries = own === null || name === null ? [] : [{ profileId: known.id, model: name, tokens: own }];
        const question = { profile: known, model: name, ownEntries };
        const { tokens: windowTokens, source } = await contextWindowOf(question);
        return { tokens: windowTokens, source: source === 'own' ? ('override' as const) : source };
      },
    },
    slots,
    clock,
    logger,
    newId,
  });

  const publisher = new EventPublisher({ logger, now: () => clock.now() });
  const announcer = new SessionAnnouncer(publisher, clock);
  const poolAnnouncer = new PoolAnnouncer(publisher, clock);
  credentials.onChange((news) => poolAnnouncer.heard(news));
  log.subscribe((event) => publisher.publish(event));
  log.subscribe((event) => announcer.heard(event));
  store.committer.onStorageChange((state) => publisher.announce('storage.changed', state));

  const portability = new Portability({
    paths,
    attachmentsDir: attachments.folderPath,
    store,
    runTask,
    clock,
    logger,
    newId,
    secrets: () => scrubber.values(),
    version: options.version,
    tell: (job) => publisher.announce('data.progress', { job }),
    added: (ids) => publisher.announce('sessions.changed', { ids, reason: 'created' }),
  });
  const deleteAll = async (withBackups: boolean): Promise<number> => {
    const ids = store.sessions.allIds();
    for (const id of ids) {
      await runs.deleteSession(id);
      streams.threadDeleted(id);
    }
    await attachments.sweep();
    if (withBackups) await backups.removeAll();
    await runTask('shrink', { database: paths.database });
    publisher.announce('sessions.changed', { ids, reason: 'deleted' });
    return ids.length;
  };

  const poolChanged = (credentialId: string | null) =>
    publisher.announce('pool.event', { kind: 'changed', credential_id: credentialId });
  keeper.onChange(
    () =>
      void isolate(logger, async () => {
        await credentials.sealingChanged();
        await proxies.sealingChanged();
        await runs.resumeUnlocked((name) => {
          const { id } = profiles.byName(name);
          return credentials.list(id).some(({ state }) => state !== 'locked' && state !== 'disabled');
        });
        publisher.announce('pool.event', { kind: 'secrets', credential_id: null });
      }),
  );

  const desk = new FeedbackDesk({
    store,
    clock,
    newId,
    announce: (sessionId, runId, vote) =>
      publisher.announce('feedback.changed', {
        conversation_id: sessionId,
        run_id: runId,
        rating: vote?.rating ?? null,
        comment: vote?.comment ?? null,
      }),
  });
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
  const throttle = new AuthThrottle(clock);
  const recent = new RecentCalls(clock);
  const streams = new RunStreams({ store, log, logger });
  const lifecycle = new RunLifecycle({ log, logger });
  const metrics = new ServerMetrics(() => ({
    sluice_open_streams: { help: 'Event streams that are open.', value: streams.readers },
    sluice_busy_sessions: { help: 'Conversations in which something goes on.', value: runs.actorCount },
    sluice_auth_failures: { help: 'Wrong and missing keys since the start.', value: throttle.failures },
  }));
  lifecycle.observe({ name: 'metrics', heard: (event) => metrics.observed(event) });
  const localApi: LocalApi = new LocalApi({
    keys,
    logger,
    isSwitchable: options.loopback === null,
    listen: (port) =>
      listen(options.loopback ?? { token, port, anyPortWhenTaken: false, rendererDir: null }, {
        router,
        logger,
        attachments,
        door,
        throttle,
      }),
  });
  const settingsListeners = new Set<(settings: Settings) => void>();
  settings.onChange(() => {
    publisher.announce('settings.changed', { settings: settings.current });
    for (const listener of settingsListeners) listener(settings.current);
    slots.serve();
    gateway.settingsChanged();
    prefixHints.settingsChanged();
    credentials.settingsChanged();
    if (options.loopback === null) void localApi.apply(switchOf(settings.current));
  });
  const router: Router = createRouter({
    onDamage: () => store.committer.reportDamage(),
    logger,
    scrubber,
    publisher,
    handlers: {
      ...createChatHandlers({ runs, store, publisher, now: () => clock.now(), newId }),
      ...sessionHandlers,
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
        lifeline: options.lifeline ?? NO_LIFELINE,
        dataDir: options.dataDir,
        trouble: null,
        restore: (file) => restoreNotice(restoreBackup(paths, file, { nowMs: clock.now(), disk: systemDisk })),
        setAside: () => null,
        showInFolder: options.capabilities.showInFolder,
      }),
      ...createPortabilityHandlers({ portability, deleteAll }),
      ...createLinkHandlers({
        desk: links,
        sessionTitle: (sessionId) => store.sessions.get(sessionId)?.title ?? null,
        connect: async ({ name, provider, baseUrl, model, key }) => {
          const profile = await profiles.create({
            name: freeName(name, (taken) => profileOf(taken) !== null),
            kind: provider,
            baseUrl,
            ...(model === null ? {} : { defaultModel: model }),
          });
          try {
            if (key !== null) {
              const origin = profiles.originOf(profile.id);
              await credentials.create({ profileId: profile.id, label: profile.name, secret: key, origin });
            }
          } catch (thrown) {
            await profiles.remove(profile.id);
            throw thrown;
          }
          poolChanged(null);
          return profile.name;
        },
      }),
      ...createUpdateHandlers({
        updates: options.capabilities.updates,
        version: options.version,
        publisher,
        signal: closing.signal,
      }),
      ...createUsageHandlers({ reports: new UsageReports({ reads, clock, labelOf }), budgets, overrides }),
      ...createPromptHandlers({ store, now: () => clock.now(), newId }),
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
        recentCalls: () => recent.list(),
      }),
      ...createSecretHandlers({
        keeper,
        info: () => secretsInfo(keeper),
        credentials,
        profiles,
        proxies,
        tokens: renewals,
        transfer: new CredentialTransfer({ store, pool: credentials, secrets, proxies, profiles, clock, newId }),
        health: async (profileId, isFresh) => {
          const { name, kind, baseUrl } = profiles.require(profileId);
          if (kind === 'demo')
            return { state: 'ok', message: 'The demo is part of Sluice.', models: null, checkedAtMs: clock.now() };
          const keys = credentials.list(profileId).map((each) => `${each.id} ${each.updatedAtMs} ${each.storage}`);
          const question = (signal: AbortSignal) =>
            gateway.ask(name, (context) => checkUpstream(http, context), signal);
          return upstreamHealth.get(
            JSON.stringify([profileId, baseUrl, keys]),
            () =>
              question(closing.signal).catch((thrown: unknown) => {
                if (thrown instanceof AppFailure) return readingOfFailure(thrown, name);
                throw thrown;
              }),
            isFresh,
          );
        },
        discover: () => findLocalServers(http, { clock, signal: closing.signal }),
        changed: (credentialId) => poolChanged(credentialId),
      }),
      ...createSetupHandlers({
        store,
        settings,
        profiles,
        credentials,
        gateway,
        health: callHealth,
        now: () => clock.now(),
        publisher,
        warmUp: askAbilities,
        secretsInfo: () => secretsInfo(keeper),
        about: {
          host: options.host,
          version: options.version,
          dataDir: options.dataDir,
          notice: options.notice ?? null,
          abilities: {
            chooseFolder: options.capabilities.chooseFolder !== undefined,
            notify: options.capabilities.notify !== undefined,
            desktop: options.capabilities.desktop !== undefined,
          },
        },
        chooseFolder: options.capabilities.chooseFolder,
        desktop: options.capabilities.desktop,
      }),
    },
  });

  const apiRoutes = runsApiRoutes({
    store,
    runs,
    log,
    reads,
    streams,
    desk,
    uploads: attachments.uploads,
    caps,
    router,
    announce: (ids, reason) => publisher.announce('sessions.changed', { ids, reason }),
    isClosing: () => localApi.isClosing,
    clock,
    newId,
    version: options.version,
  });
  const modelList = new ModelsList({
    profiles: () => profiles.list(),
    models: (profile, signal) => gateway.models(profile, signal),
    clock,
  });
  const endpoints = modelRoutes({
    relay: new Relay({
      gateway,
      http: relayHttp,
      clock,
      newId,
      profileOf: (name) => profiles.byName(name),
      translate: translateRequest,
      open: async ({ id, profile, model, inputTokens, clientId }) => {
        const subject = {
          id,
          runId: null,
          sessionId: null,
          profile,
          model,
          caller: 'lead_agent',
          purpose: 'api',
          clientId,
        } as const;
        const track = await calls.begin(subject, { inputTokens });
        return {
          notices: track.notices,
          hear: (event) => track.hear(event),
          settle: (wasStopped) => {
            const rows = track.end(wasStopped);
            calls.bookNow(rows);
            recent.booked(id, rows);
          },
        };
      },
    }),
    models: modelList,
    counting: {
      gateway,
      http: relayHttp,
      clock,
      countTexts: (texts, model, signal) => tokens.count(texts, model, signal),
    },
    idempotency: new IdempotencyDesk({
      clock,
      keeper: {
        find: (key, nowMs) => {
          const row = store.keptAnswers.find(key, nowMs);
          return row === null ? null : { digest: row.digest, answer: row };
        },
        keep: async (key, digest, answer, untilMs) => {
          try {
            await store.committer.commit(() =>
              store.keptAnswers.keep({ key, digest, ...answer, untilMs }, clock.now()),
            );
          } catch (thrown) {
            logger.warn(describeThrown(thrown), 'an answer could not be kept for its idempotency key');
          }
        },
      },
    }),
    recent,
    profiles: () => profiles.list(),
    settings: () => settings.current,
    clock,
    newId,
    scrub: (text) => scrubber.scrub(text),
  });
  const door = new ApiDoor({
    routes: [
      ...endpoints,
      ...apiRoutes,
      route({
        method: 'GET',
        path: '/metrics',
        operationId: 'getMetrics',
        summary: 'Figures of the server, for Prometheus.',
        scope: 'metrics:read',
        answer: ({ response }) => {
          response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
          response.end(metrics.text());
          return null;
        },
      }),
      route({
        method: 'GET',
        path: '/openapi.json',
        operationId: 'getOpenApi',
        summary: 'This description.',
        scope: null,
        answer: () => json(openApiDocument(apiRoutes, options.version)),
      }),
      route({
        method: 'GET',
        path: '/reference',
        operationId: 'getReference',
        summary: 'This description, to read.',
        scope: null,
        answer: ({ response }) => {
          const page = referencePage(openApiDocument(apiRoutes, options.version));
          response.writeHead(200, {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': REFERENCE_POLICY,
            'cache-control': 'no-cache',
          });
          response.end(page);
          return null;
        },
      }),
    ],
    token,
    keys,
    throttle,
    metrics,
    clock,
    logger,
    scrubber,
    onDamage: () => store.committer.reportDamage(),
  });
  let cancelWarmUp: () => void = () => undefined;
  return {
    router,
    media: attachments.media,
    get url() {
      return localApi.url;
    },
    onEvent: (listener) => log.subscribe(listener),
    onSettings(listener) {
      settingsListeners.add(listener);
      listener(settings.current);
      return () => settingsListeners.delete(listener);
    },
    async start() {
      await attachments.start();
      await portability.start();
      await secrets.openAll();
      await runs.recover();
      if (options.loopback !== null) await localApi.start(options.loopback.port);
      else await localApi.apply(switchOf(settings.current));
      // Loading the HTTP client takes some 40 ms of the main thread: while nobody waits, not within a first request.
      cancelWarmUp = clock.after(WARM_UP_AFTER_MS, () => {
        gateway.warmUp();
        for (const { name } of profiles.list()) askAbilities(name);
      });
      backups.startRegular();
      logger.info({ host: options.host, version: options.version, url: localApi.url }, 'started');
    },
    async stop(reason) {
      cancelWarmUp();
      closing.abort(new AbortReason('shutdown'));
      const step = async (name: string, task: () => Promise<void> | undefined) => {
        try {
          await Promise.race([task(), new Promise<void>((resolve) => clock.after(STOP_STEP_MS, resolve))]);
        } catch (thrown) {
          logger.error({ step: name, ...describeThrown(thrown) }, 'closing did not go as planned');
        }
      };
      await step('server', () => localApi.stop());
      streams.stop();
      lifecycle.stop();
      metrics.close();
      await step('runs', () => runs.stop());
      await step('attachments', () => attachments.close());
      await step('tokens', () => tokens.close());
      await step('gateway', () => gateway.close());
      await step('credentials', () => credentials.close());
      await step('token endpoints', () => http.close());
      await step('relay', () => relayHttp.close());
      await step('exports and imports', () => portability.close());
      await step('backups', () => backups.close());
      await step('reads', () => reads.close());
      store.close();
      lock.release();
      logger.info({ reason }, 'stopped');
      logger.flush();
    },
  };
}
