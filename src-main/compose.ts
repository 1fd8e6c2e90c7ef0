import { randomBytes } from 'node:crypto';
import type { LoggedEvent } from '#contract/events';
import type { FailureFact } from '#contract/failure-saying';
import { newId as makeId } from '#contract/ids';
import type { Settings } from '#contract/settings';
import { ClientKeys } from './api/client-keys.ts';
import type { LoopbackChoice } from './api/loopback-choice.ts';
import { createAttachments } from './attachments/attachments.ts';
import type { MediaServer } from './attachments/media-server.ts';
import { Backups } from './data/backups.ts';
import { deleteAllConversations } from './data/delete-all.ts';
import { Portability } from './data/portability.ts';
import { taskRunner } from './data/run-task.ts';
import { DiagnosticsDesk } from './diagnostics/diagnostics-desk.ts';
import { leaveAfterCrash } from './diagnostics/leave-after-crash.ts';
import { Gateway } from './gateway/gateway.ts';
import { HealthWindow } from './gateway/health-window.ts';
import { PrefixHints } from './gateway/prefix-hints.ts';
import { ProfileService } from './gateway/profile-service.ts';
import { announceCalls } from './ipc/announce-calls.ts';
import { EventPublisher } from './ipc/event-publisher.ts';
import { UPLOAD_LIMITS } from './ipc/handlers/attachment-handlers.ts';
import { PoolAnnouncer } from './ipc/pool-announcer.ts';
import { createRouter, loadRequestSchemas, type Router } from './ipc/router.ts';
import { SessionAnnouncer } from './ipc/session-announcer.ts';
import { AbortReason } from './platform/app-failure.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { collectGarbage } from './platform/collect-garbage.ts';
import type { CrashRecord } from './platform/crash-record.ts';
import { systemDisk } from './platform/disk.ts';
import type { HostCapabilities } from './platform/host-capabilities.ts';
import { type HostLifeline, NO_LIFELINE } from './platform/host-lifeline.ts';
import { keepIdleMemorySmall, THIS_PROCESS } from './platform/idle-memory.ts';
import { isolate } from './platform/isolate.ts';
import { createFileLogger, describeThrown } from './platform/logger.ts';
import { dataPaths, ensureDataDir } from './platform/paths.ts';
import { SecretScrubber } from './platform/scrub.ts';
import { waitAtMost } from './platform/wait-at-most.ts';
import { FeedbackDesk } from './runs/feedback-desk.ts';
import { RunLog } from './runs/run-log.ts';
import { DeletedWords } from './store/deleted-words.ts';
import { acquireHostLock } from './store/host-lock.ts';
import { LiveSettings } from './store/live-settings.ts';
import { ReadClient } from './store/read-client.ts';
import { restoreBackup } from './store/restore.ts';
import { restoreNotice } from './store/restore-words.ts';
import { openStore, type Store } from './store/store.ts';
import { checkpointInWorker } from './store/wal-checkpointer.ts';
import { composeHandlers } from './wiring/compose-handlers.ts';
import { composeKeys } from './wiring/compose-keys.ts';
import { composePrograms } from './wiring/compose-programs.ts';
import { composeRuns } from './wiring/compose-runs.ts';

/** No step of the way out may hold up the others for longer. */
const STOP_STEP_MS = 3000;
/** After the start, and late enough to be in nobody's way. */
const WARM_UP_AFTER_MS = 250;
/** What the first requests need, once it was said that they may come. */
const FIRST_REQUESTS_AFTER_MS = 1;

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
  notice?: FailureFact | null;
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
  /**
   * Something was thrown that nobody caught: puts away what is safe, at once, and leaves a record for the next start. The
   * caller ends the process then.
   */
  crashed(thrown: unknown, kind: CrashRecord['kind']): CrashRecord;
  /** Closes the doors, lets go of what runs and closes the store. Nothing that was acknowledged is lost. */
  stop(reason: 'quit' | 'signal' | 'reopen'): Promise<void>;
}

function switchOf(settings: Settings): { enabled: boolean; port: number } {
  return { enabled: settings.localApiEnabled, port: settings.localApiPort };
}

/**
 * Builds the core of a host; with `wiring/` the only place that constructs and wires. The host owns what it returns and stops it.
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
  logger.setDetail(settings.current.logDetail);
  const reads = new ReadClient(options.readWorkerUrl, paths.database);
  checkpointInWorker(store, reads, `${paths.database}-wal`, logger);
  const deletedWords = new DeletedWords({ store, reads, clock, logger });
  const log = new RunLog({ committer: store.committer, events: store.events, sessions: store.sessions, clock, logger });

  const profiles = new ProfileService({ store, clock, newId });
  await profiles.ensureDemo();
  const keyRing = await composeKeys({
    store,
    capabilities: options.capabilities,
    settings: () => settings.current,
    scrubber,
    clock,
    logger,
    newId,
  });
  const { keeper, secrets, proxies, http, pool, credentials } = keyRing;
  const callHealth = new HealthWindow(clock.now());
  const prefixHints = new PrefixHints(() => settings.current);
  const gateway = new Gateway({
    profiles,
    credentials: pool,
    proxyFor: (id, origin) => proxies.targetFor(id === null ? null : { id, group: credentials.groupOf(id) }, origin),
    settings: () => settings.current,
    clock,
    ended: (record) => callHealth.add(record),
    answered: (request, record) => prefixHints.answered(request, record),
  });
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
  const keys = new ClientKeys({ store, clock, scrubber, newId });
  const runParts = composeRuns({
    store,
    log,
    reads,
    settings: () => settings.current,
    gateway,
    profiles,
    credentials,
    attachments,
    clientOf: (clientId) => keys.allowance(clientId),
    tokenWorkerUrl: options.tokenWorkerUrl,
    callJournal: paths.callJournal,
    clock,
    logger,
    newId,
  });
  const { runs, slots, calls, caps, tokens } = runParts;

  const publisher = new EventPublisher({ logger, now: () => clock.now() });
  const announcer = new SessionAnnouncer(publisher, clock);
  const poolAnnouncer = new PoolAnnouncer(publisher, clock);
  pool.onChange((news) => poolAnnouncer.heard(news));
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
    const { database } = paths;
    const deleted = (sessionId: string) => streams.threadDeleted(sessionId);
    const { forgetAnswers } = programs;
    const parts = { store, runs, attachments, backups, portability, runTask, database, deleted, forgetAnswers };
    const ids = await deleteAllConversations(parts, withBackups);
    publisher.announce('sessions.changed', { ids, reason: 'deleted' });
    return ids.length;
  };

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
  const programs = composePrograms({
    store,
    runs,
    log,
    reads,
    gateway,
    profiles,
    calls,
    caps,
    keys,
    tokens,
    labelOf: (id) => credentials.labelOf(id),
    attachments,
    desk,
    settings: () => settings.current,
    router: () => router,
    announce: (ids, reason) => publisher.announce('sessions.changed', { ids, reason }),
    loopback: options.loopback,
    token,
    version: options.version,
    scrubber,
    clock,
    logger,
    newId,
  });
  const { localApi, streams, recent } = programs;
  announceCalls(recent, publisher, clock);
  const diagnostics = new DiagnosticsDesk({
    host: options.host,
    version: options.version,
    paths,
    clock,
    newId,
    scrubber,
    logger,
    runTask,
    state: () => ({
      settings: settings.current,
      secrets: keyRing.secretsInfo(),
      profiles: profiles.list(),
      credentials: credentials.list(),
      storage: store.committer.storage.state,
    }),
    conversation: async (sessionId) => handlers['sessions.export']({ sessionId, format: 'markdown' }, null),
  });
  const handlers = composeHandlers({
    host: {
      kind: options.host,
      version: options.version,
      dataDir: options.dataDir,
      logFile: paths.log,
      capabilities: options.capabilities,
      lifeline: options.lifeline ?? NO_LIFELINE,
      notice: options.notice ?? null,
      restore: (file) => restoreNotice(restoreBackup(paths, file, { nowMs: clock.now(), disk: systemDisk })),
    },
    store,
    log,
    reads,
    settings,
    keyRing,
    runParts,
    programs,
    profiles,
    gateway,
    callHealth,
    prefixHints,
    attachments,
    backups,
    portability,
    deleteAll,
    diagnostics,
    desk,
    keys,
    token,
    publisher,
    scrubber,
    clock,
    logger,
    newId,
    signal: closing.signal,
  });
  const settingsListeners = new Set<(settings: Settings) => void>();
  settings.onChange(() => {
    publisher.announce('settings.changed', { settings: settings.current });
    logger.setDetail(settings.current.logDetail);
    for (const listener of settingsListeners) listener(settings.current);
    slots.serve();
    gateway.settingsChanged();
    prefixHints.settingsChanged();
    pool.settingsChanged();
    if (options.loopback === null) void localApi.apply(switchOf(settings.current));
  });
  const router: Router = createRouter({
    onDamage: () => store.committer.reportDamage(),
    logger,
    detail: logger,
    scrubber,
    publisher,
    handlers,
  });

  let cancelFirst: () => void = () => undefined;
  let cancelWarmUp: () => void = () => undefined;
  let endIdleMemory: () => void = () => undefined;
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
      cancelFirst = clock.after(
        FIRST_REQUESTS_AFTER_MS,
        () =>
          void isolate(logger, async () => {
            await loadRequestSchemas();
            await programs.warmUp();
          }),
      );
      // Loading the HTTP client takes some 40 ms of the main thread: while nobody waits, not within a first request.
      cancelWarmUp = clock.after(WARM_UP_AFTER_MS, () => {
        gateway.warmUp();
        for (const { name } of profiles.list()) void isolate(logger, () => gateway.questions.warmCapabilities(name));
      });
      backups.startRegular();
      endIdleMemory = keepIdleMemorySmall({
        clock,
        isAtRest: () => runs.actorCount === 0 && programs.callsUnderWay === 0,
        process: THIS_PROCESS,
        collect: () => collectGarbage(logger),
      });
      logger.info({ host: options.host, version: options.version, url: localApi.url }, 'started');
    },
    crashed: (thrown, kind) =>
      leaveAfterCrash(thrown, {
        about: { kind, version: options.version, host: options.host },
        nowMs: clock.now(),
        path: paths.crash,
        scrubber,
        logger,
        close: () => {
          store.close();
          lock.release();
        },
      }),
    async stop(reason) {
      cancelFirst();
      cancelWarmUp();
      endIdleMemory();
      closing.abort(new AbortReason('shutdown'));
      const step = async (name: string, task: () => Promise<void>) => {
        try {
          await waitAtMost(task(), clock, STOP_STEP_MS);
        } catch (thrown) {
          logger.error({ step: name, ...describeThrown(thrown) }, 'closing did not go as planned');
        }
      };
      await step('server', () => localApi.stop());
      programs.stop();
      await step('runs', () => runs.stop());
      await step('attachments', () => attachments.close());
      await step('tokens', () => tokens.close());
      await step('gateway', () => gateway.close());
      await step('credentials', () => pool.close());
      await step('token endpoints', () => http.close());
      await step('relay', () => programs.close());
      await step('calls', () => calls.close());
      await step('exports and imports', () => portability.close());
      await step('backups', () => backups.close());
      deletedWords.stop();
      await step('reads', () => reads.close());
      deletedWords.finish();
      store.close();
      lock.release();
      logger.info({ reason }, 'stopped');
      logger.flush();
    },
  };
}
