import { failed } from '#contract/errors';
import { newId } from '#contract/ids';
import { sendResult } from './api/app-routes.ts';
import { AuthThrottle } from './api/auth-throttle.ts';
import { listen } from './api/loopback-choice.ts';
import type { LoopbackServer } from './api/loopback-server.ts';
import { attachmentFolder } from './attachments/attachment-folder.ts';
import type { ComposeOptions, Core } from './compose.ts';
import { Backups } from './data/backups.ts';
import { Exports } from './data/exports.ts';
import { DataJobs } from './data/jobs.ts';
import { taskRunner } from './data/run-task.ts';
import { DiagnosticsDesk } from './diagnostics/diagnostics-desk.ts';
import { leaveAfterCrash } from './diagnostics/leave-after-crash.ts';
import { EventPublisher } from './ipc/event-publisher.ts';
import { createBackupHandlers } from './ipc/handlers/backup-handlers.ts';
import { createDiagnosticsHandlers } from './ipc/handlers/diagnostics-handlers.ts';
import { createRouter, type Handlers, loadRequestSchemas } from './ipc/router.ts';
import { factOf, told } from './platform/app-failure.ts';
import { systemClock } from './platform/clock.ts';
import { systemDisk } from './platform/disk.ts';
import { NO_LIFELINE } from './platform/host-lifeline.ts';
import { createFileLogger, describeThrown } from './platform/logger.ts';
import { dataPaths } from './platform/paths.ts';
import { SecretScrubber } from './platform/scrub.ts';
import { acquireHostLock } from './store/host-lock.ts';
import { restoreBackup, setAside } from './store/restore.ts';
import { restoreNotice, setAsideNotice } from './store/restore-words.ts';
import type { StoreTrouble } from './store/store-trouble.ts';

/** Every route of the contract answers with what is wrong, but those that help. */
async function troubleHandlers(trouble: StoreTrouble): Promise<Handlers> {
  const refuse = (): never => {
    throw trouble;
  };
  return Object.fromEntries(
    Object.keys(await loadRequestSchemas()).map((name) => [name, refuse]),
  ) as unknown as Handlers;
}

/**
 * Stands where the core would, when the store cannot be opened: the same page and the same doors, and a router that answers
 * only what a person needs to choose. It opens nothing of the store but its backups.
 *
 * @throws AppFailure `conflict` when another host holds the data directory or the port.
 */
export async function composeRescue(options: ComposeOptions & { trouble: StoreTrouble }): Promise<Core> {
  const { trouble } = options;
  const refusals = await troubleHandlers(trouble);
  const clock = options.clock ?? systemClock;
  const lifeline = options.lifeline ?? NO_LIFELINE;
  const paths = dataPaths(options.dataDir);
  const lock = acquireHostLock(paths, { pid: process.pid, host: options.host, startedAtMs: clock.now() });
  const scrubber = new SecretScrubber();
  if (options.loopback !== null) scrubber.add(options.loopback.token);
  const logger = createFileLogger(paths.log, scrubber);
  logger.error({ kind: trouble.kind, ...describeThrown(trouble) }, 'the conversations cannot be opened');
  const publisher = new EventPublisher({ logger, now: () => clock.now() });
  const runTask = taskRunner(options.dataWorkerUrl);
  const backups = new Backups({ paths, runTask, clock, logger });
  const jobs = new DataJobs({
    newId: () => newId(clock.now()),
    logger,
    tell: (job) => publisher.announce('data.progress', { job }),
  });
  const exports = new Exports({ folder: paths.passing, clock, jobs });
  const { showInFolder } = options.capabilities;

  const diagnostics = new DiagnosticsDesk({
    host: options.host,
    version: options.version,
    paths,
    clock,
    newId: () => newId(clock.now()),
    scrubber,
    logger,
    runTask,
    // What a person set and which keys there are cannot be read.
    state: () => null,
    conversation: () => Promise.reject(trouble),
  });
  const router = createRouter({
    logger,
    scrubber,
    publisher,
    // It is known already.
    onDamage: () => undefined,
    handlers: {
      ...refusals,
      // What can still be read comes out; which conversations those are, nobody knows before.
      'data.export': () =>
        exports.start((path, task) =>
          runTask(
            'salvage',
            {
              database: paths.database,
              attachmentsDir: attachmentFolder(options.dataDir).path,
              path,
              secrets: scrubber.values(),
              version: options.version,
            },
            task,
          ),
        ),
      'data.exportRead': ({ jobId, offsetBytes }) => exports.read(jobId, offsetBytes),
      ...createDiagnosticsHandlers(diagnostics),
      'data.job': ({ jobId }) => jobs.get(jobId),
      'data.cancelJob': ({ jobId }) => jobs.cancel(jobId),
      ...createBackupHandlers({
        backups,
        lifeline,
        dataDir: options.dataDir,
        trouble: {
          kind: trouble.kind,
          // What went wrong with a choice goes before what was wrong already.
          ...told(
            options.notice == null
              ? factOf(trouble)
              : { word: 'first_then', with: { first: options.notice, then: factOf(trouble) } },
          ),
          dataDir: options.dataDir,
          canShowFolder: showInFolder !== undefined,
        },
        restore: (file) => restoreNotice(restoreBackup(paths, file, { nowMs: clock.now(), disk: systemDisk })),
        setAside: () => setAsideNotice(setAside(paths.database, clock.now())),
        showInFolder,
      }),
    },
  });
  const nothing = { status: 404, headers: { 'cache-control': 'no-store', 'content-length': '0' }, body: null };
  const media = () => Promise.resolve(nothing);
  let server: LoopbackServer | null = null;
  return {
    router,
    media,
    get url() {
      return server?.url ?? null;
    },
    onEvent: () => () => undefined,
    // What a person set cannot be read; the host goes on with what holds at first.
    onSettings: () => () => undefined,
    async start() {
      if (options.loopback === null) return;
      server = await listen(options.loopback, {
        router,
        logger,
        attachments: { uploads: { receive: () => Promise.reject(trouble) }, media },
        door: {
          has: (path) => Promise.resolve(path.startsWith('/v1/')),
          answer: (_request, response) => {
            sendResult(response, failed(trouble.toAppError()));
            return Promise.resolve();
          },
          refuse: (_request, response, _path, refusal) => {
            sendResult(response, failed(refusal.toAppError()));
            return Promise.resolve();
          },
        },
        throttle: new AuthThrottle(clock),
      });
      logger.info({ host: options.host, url: server.url }, 'started without the conversations');
    },
    crashed: (thrown, kind) =>
      leaveAfterCrash(thrown, {
        about: { kind, version: options.version, host: options.host },
        nowMs: clock.now(),
        path: paths.crash,
        scrubber,
        logger,
        close: () => lock.release(),
      }),
    async stop() {
      await server?.close();
      await jobs.close();
      await backups.close();
      lock.release();
      logger.flush();
    },
  };
}
