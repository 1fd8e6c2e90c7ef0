import type { Result } from '#contract/errors';
import { isFailureSaying } from '#contract/failure-words';
import type { Settings } from '#contract/settings';
import type { FoundVersion, UpdateChannel, UpdateState, UpdateWay } from '#contract/updates';
import { failureOf } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostUpdates } from '../platform/host-capabilities.ts';
import { readUpdateFailure } from './read-update-failure.ts';
import { firstUpdateState, nextUpdateState, type UpdateEvent } from './update-state.ts';

/** The first look by itself waits until the start is long over. */
const FIRST_LOOK_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 24 * 3_600_000;

/** What fetches and installs versions. One step at a time, in this order. */
export interface Updater {
  /**
   * Asks for the newest version of a channel.
   *
   * @param allowOlder takes one that is older than this, too.
   * @returns it, and whether this computer is to have it now.
   */
  look(channel: UpdateChannel, allowOlder: boolean): Promise<{ found: FoundVersion; isOffered: boolean }>;
  /** Fetches what `look` found and checks it. Rejects with the signal's reason when it is stopped. */
  download(onPercent: (percent: number) => void, signal: AbortSignal): Promise<void>;
  /** Ends the process and puts the new version in place. `onFailure` hears when it does not come to that. */
  install(onFailure: (thrown: unknown) => void): void;
}

interface UpdateCore {
  router: { dispatch(route: string, payload: unknown, viewer: null): Promise<Result<unknown>> };
  onSettings(listener: (settings: Settings) => void): () => void;
}

export interface UpdateDesk extends HostUpdates {
  /** Follows the settings of a core from now on, and asks it for the backup before an update. */
  attend(core: UpdateCore): void;
}

/**
 * New versions: looked for when a person asks, or by itself once a person agreed to that; fetched and installed by a click
 * and by nothing else.
 *
 * @param parts.load brings the updater; called with the first look, so that a start pays nothing for it.
 * @param parts.mayEnd asks whoever has to be asked before the application may end; see `QuitDesk`.
 * @param parts.end drains the core and then calls back; the application ends by that call. False where another end is on its way.
 * @param parts.stay shows the window again, where an end that was agreed to did not come.
 */
export function createUpdateDesk(parts: {
  way: UpdateWay;
  version: string;
  clock: Clock;
  load: () => Promise<Updater>;
  mayEnd: () => Promise<boolean>;
  end: (install: (onFailure: (thrown: unknown) => void) => void) => Promise<boolean>;
  stay: () => void;
  report: (thrown: unknown) => void;
}): UpdateDesk {
  const { clock, report } = parts;
  const listeners = new Set<(state: UpdateState) => void>();
  let state = firstUpdateState(parts.way, parts.version);
  let core: UpdateCore | null = null;
  let settings: Settings | null = null;
  let updater: Promise<Updater> | null = null;
  let download: AbortController | null = null;
  let cancelLook: (() => void) | null = null;

  /** @returns whether the event was allowed. */
  function step(event: UpdateEvent): boolean {
    const next = nextUpdateState(state, event);
    if (next === state) return false;
    state = next;
    for (const listener of listeners) listener(state);
    return true;
  }

  function begin(event: UpdateEvent): void {
    if (state.way !== 'self') throw failureOf('unsupported_option', { word: 'updated_by_installer' });
    if (!step(event)) throw failureOf('conflict', { word: 'update_not_now' });
  }

  function fail(thrown: unknown, during: 'check' | 'download' | 'install'): void {
    report(thrown);
    step({ kind: 'failed', problem: readUpdateFailure(thrown, during) });
  }

  function loaded(): Promise<Updater> {
    updater ??= parts.load();
    // One that could not be loaded is loaded again with the next try.
    updater.catch(() => {
      updater = null;
    });
    return updater;
  }

  const channel = (): UpdateChannel => settings?.updateChannel ?? 'stable';

  async function look(): Promise<void> {
    try {
      const answer = await (await loaded()).look(channel(), false);
      step({ kind: 'answered', ...answer, atMs: clock.now() });
    } catch (thrown) {
      fail(thrown, 'check');
    }
  }

  async function fetchFound(wanted: string, older: boolean): Promise<void> {
    const stop = new AbortController();
    download = stop;
    try {
      const source = await loaded();
      // Asked for anew, so that what is fetched is what was shown, and that an older one is fetched by this click only.
      const { found } = await source.look(channel(), older);
      if (found.version !== wanted) throw new Error(`Another version is there now: ${found.version}. Look again.`);
      stop.signal.throwIfAborted();
      await source.download((percent) => step({ kind: 'progress', percent }), stop.signal);
      step({ kind: 'downloaded' });
    } catch (thrown) {
      if (stop.signal.aborted) step({ kind: 'cancelled' });
      else fail(thrown, 'download');
    } finally {
      download = null;
    }
  }

  /** Nothing is installed over conversations that were not copied, and nothing ends that a person wants to go on. */
  async function put(): Promise<void> {
    try {
      const source = await loaded();
      if ((await mayInstall()) && (await parts.end((onFailure) => source.install(onFailure)))) return;
      step({ kind: 'kept' });
    } catch (thrown) {
      fail(thrown, 'install');
    }
    // Whoever let answers finish in the background has no window any more.
    parts.stay();
  }

  /** @returns false where it is off, told or not. */
  async function mayInstall(): Promise<boolean> {
    if (!(await parts.mayEnd())) return false;
    const backup = await core?.router.dispatch('data.backUp', { reason: 'upgrade' }, null);
    if (backup === undefined || !backup.ok) {
      const message = backup?.error.message ?? null;
      const said = backup?.error.details?.['said'];
      const words = isFailureSaying(said) ? { message, said } : { message };
      step({ kind: 'failed', problem: { during: 'install', kind: 'backup', ...words } });
      return false;
    }
    // Answers may have begun while the backup was made.
    return parts.mayEnd();
  }

  /** Looks a minute after it was agreed to or after the start, and then once a day; stops when it is taken back. */
  function follow(next: Settings): void {
    settings = next;
    const wanted = next.updateChecks === 'on' && state.way === 'self';
    if (!wanted) {
      cancelLook?.();
      cancelLook = null;
    } else if (cancelLook === null) {
      const lookAfter = (afterMs: number): void => {
        cancelLook = clock.after(afterMs, () => {
          // A download or an update that waits is left alone.
          if (step({ kind: 'check' })) void look();
          lookAfter(LOOK_EVERY_MS);
        });
      };
      lookAfter(FIRST_LOOK_AFTER_MS);
    }
  }

  return {
    state: () => state,
    follow(listener, signal) {
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    check() {
      begin({ kind: 'check' });
      void look();
    },
    download(older) {
      const wanted = state.found?.version ?? '';
      begin({ kind: 'download', older });
      void fetchFound(wanted, older);
    },
    cancel() {
      download?.abort();
    },
    install() {
      begin({ kind: 'install' });
      void put();
    },
    attend(standing) {
      core = standing;
      standing.onSettings(follow);
    },
  };
}
