import { failed, type Result } from '#contract/errors';
import type { FailureFact, FailureSaying } from '#contract/failure-saying';
import { newId } from '#contract/ids';
import type { MediaServer } from './attachments/media-server.ts';
import { type ComposeOptions, type Core, compose } from './compose.ts';
import { composeRescue } from './compose-rescue.ts';
import { leaveAfterCrash } from './diagnostics/leave-after-crash.ts';
import type { Router, Viewer } from './ipc/router.ts';
import { factOf, failureOf } from './platform/app-failure.ts';
import { systemClock } from './platform/clock.ts';
import { createFileLogger } from './platform/logger.ts';
import { dataPaths } from './platform/paths.ts';
import { SecretScrubber } from './platform/scrub.ts';
import { acquireHostLock } from './store/host-lock.ts';
import { type StoreTrouble, troubleOf } from './store/store-trouble.ts';

export interface HostLifeOptions extends Omit<ComposeOptions, 'lifeline' | 'notice'> {
  /** Hears when the conversations cannot be opened and the rescue stands in their place. */
  onTrouble?: (trouble: StoreTrouble) => void;
  /** Something went wrong that leaves nothing to show: the host is to end. */
  onFatal: (thrown: unknown) => void;
}

/**
 * A core for as long as the host lives. Where the store cannot be opened, the rescue stands in its place: it answers what a
 * person needs to choose, and nothing else. A choice, or a restored backup, closes the one and opens the other; windows
 * and listeners stay.
 */
export function createHostLife(options: HostLifeOptions): Core {
  const { onTrouble, onFatal, ...rest } = options;
  const clock = options.clock ?? systemClock;
  const viewers = new Set<Viewer>();
  /** Who hears of the core, whichever one stands. */
  const following = new Set<{ subscribe: (core: Core) => () => void; end: () => void }>();
  let core: Core | null = null;
  let notice: FailureFact | null = null;
  let isStopping = false;
  let changing: Promise<void> | null = null;
  let loopback = rest.loopback;

  const opening = (): Result<never> =>
    failed(failureOf('shutting_down', { word: 'opening' }, { retry: { kind: 'after', waitMs: 500 } }).toAppError());

  const stand = async (generation: string): Promise<Core> => {
    const lifeline = { generation, reopen };
    let opened: Core | null = null;
    try {
      opened = await compose({ ...rest, loopback, lifeline, notice });
      await opened.start();
      return opened;
    } catch (thrown) {
      const trouble = troubleOf(thrown);
      if (trouble === null) throw thrown;
      await opened?.stop('reopen');
      onTrouble?.(trouble);
      const rescue = await composeRescue({ ...rest, loopback, lifeline, notice, trouble });
      await rescue.start();
      return rescue;
    }
  };

  const open = async (): Promise<void> => {
    const next = await stand(newId(clock.now()));
    core = next;
    // Pages that are open find it again at the address that they know.
    if (loopback !== null && next.url !== null)
      loopback = { ...loopback, port: Number(new URL(next.url).port), anyPortWhenTaken: false };
    for (const viewer of viewers) next.router.attach(viewer);
    for (const entry of following) entry.end = entry.subscribe(next);
  };

  /** What a person chose is done while nobody, this process included, has the store open. */
  const change = async (between: () => FailureSaying | null): Promise<void> => {
    const old = core;
    core = null;
    await old?.stop('reopen');
    if (isStopping) return;
    const lock = acquireHostLock(dataPaths(options.dataDir), {
      pid: process.pid,
      host: options.host,
      startedAtMs: clock.now(),
    });
    try {
      notice = between();
    } catch (thrown) {
      notice = factOf(thrown);
    } finally {
      lock.release();
    }
    await open();
  };

  function reopen(between: () => FailureSaying | null): void {
    if (isStopping || changing !== null) return;
    // Nothing else may hold the process while nothing listens.
    const awake = setInterval(() => undefined, 60_000);
    // After the answer to whoever asked is on its way.
    changing = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => change(between))
      .catch(onFatal)
      .finally(() => {
        clearInterval(awake);
        changing = null;
      });
  }

  const follow = (subscribe: (each: Core) => () => void): (() => void) => {
    const entry = { subscribe, end: core === null ? () => undefined : subscribe(core) };
    following.add(entry);
    return () => {
      entry.end();
      following.delete(entry);
    };
  };

  const router: Router = {
    dispatch: (route, payload, viewer) =>
      core === null ? Promise.resolve(opening()) : core.router.dispatch(route, payload, viewer),
    attach(viewer) {
      viewers.add(viewer);
      core?.router.attach(viewer);
    },
    detach(viewer) {
      viewers.delete(viewer);
      core?.router.detach(viewer);
    },
  };
  const media: MediaServer = (request) =>
    core === null
      ? Promise.resolve({ status: 503, headers: { 'cache-control': 'no-store' }, body: null })
      : core.media(request);

  return {
    router,
    media,
    get url() {
      return core?.url ?? null;
    },
    onEvent: (listener) => follow((each) => each.onEvent(listener)),
    onSettings: (listener) => follow((each) => each.onSettings(listener)),
    start: open,
    crashed(thrown, kind) {
      if (core !== null) return core.crashed(thrown, kind);
      // Between two cores, or before the first: nothing is open that could be closed.
      const scrubber = new SecretScrubber();
      for (const secret of [options.loopback?.token, options.capabilities.vaultPassphrase])
        if (secret !== undefined) scrubber.add(secret);
      const { crash, log } = dataPaths(options.dataDir);
      return leaveAfterCrash(thrown, {
        about: { kind, version: options.version, host: options.host },
        nowMs: clock.now(),
        path: crash,
        scrubber,
        logger: createFileLogger(log, scrubber),
        close: () => undefined,
      });
    },
    async stop(reason) {
      isStopping = true;
      if (changing !== null) await changing;
      await core?.stop(reason);
    },
  };
}
