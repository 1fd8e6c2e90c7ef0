import { type BrowserWindow, dialog } from 'electron';
import type { QuitChoice } from '#contract/desktop';
import type { DesktopWords } from '#contract/desktop-words';
import type { Result } from '#contract/errors';
import type { RouteOutputs } from '#contract/routes';
import type { Clock } from '../platform/clock.ts';

/** How often it is looked whether the answers have ended, while the application waits in the background. */
const LOOK_EVERY_MS = 500;
/** Longest wait for stops to be confirmed; what is not by then is followed up at the next start. */
const STOP_WAIT_MS = 8000;
/** More conversations than anybody has answers in. */
const LIST_LIMIT = 2000;

/** What is needed of the core: the routes that a page has too. */
interface QuitCore {
  router: { dispatch(route: string, payload: unknown, viewer: null): Promise<Result<unknown>> };
}

export interface QuitDesk {
  /** Resolves when the application may end (true), or when it goes on (false). One question at a time. */
  mayEnd(): Promise<boolean>;
  /** The person wants the window again: an application that waits for its answers goes on. */
  stay(): void;
}

/** What the person said: the choice, and whether it holds from now on. Null for a quit that is not to be. */
async function ask(
  parent: BrowserWindow | null,
  busy: number,
  words: DesktopWords['quit'],
): Promise<{ choice: Exclude<QuitChoice, 'ask'>; isRemembered: boolean } | null> {
  const options = {
    type: 'question' as const,
    message: busy === 1 ? words.titleOne : words.titleMany.replace('{{count}}', String(busy)),
    detail: words.body,
    buttons: [words.finish, words.stop, words.cancel],
    defaultId: 0,
    cancelId: 2,
    checkboxLabel: words.remember,
    noLink: true,
  };
  const { response, checkboxChecked } =
    parent === null ? await dialog.showMessageBox(options) : await dialog.showMessageBox(parent, options);
  if (response !== 0 && response !== 1) return null;
  return { choice: response === 0 ? 'finish' : 'stop', isRemembered: checkboxChecked };
}

/**
 * Decides whether a quit may go on while answers are being made: they finish in the background, or are stopped, or the quit
 * is taken back. Whatever is chosen, what waits in queues stays there.
 *
 * @param window where the question stands; null where there is no window.
 */
export function createQuitDesk(parts: {
  core: QuitCore;
  clock: Clock;
  words: () => DesktopWords['quit'];
  window: () => BrowserWindow | null;
}): QuitDesk {
  const { core, clock, words, window } = parts;
  let waiting: { stay: () => void } | null = null;

  async function dispatch<Name extends keyof RouteOutputs>(
    name: Name,
    payload: object,
  ): Promise<RouteOutputs[Name] | null> {
    const answer = (await core.router.dispatch(name, payload, null)) as Result<RouteOutputs[Name]>;
    return answer.ok ? answer.data : null;
  }

  /** Conversations in which an answer is being made. A core that cannot say has none: a quit is never held up by a fault. */
  async function busySessions(): Promise<string[]> {
    const lists = await Promise.all(
      [false, true].map((archived) => dispatch('sessions.list', { limit: LIST_LIMIT, archived })),
    );
    return lists.flatMap((list) => (list?.sessions ?? []).filter(({ state }) => state !== 'idle').map(({ id }) => id));
  }

  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  async function stopAll(sessionIds: string[]): Promise<void> {
    await pauseAll(sessionIds);
    const stops = Promise.all(sessionIds.map((session_id) => dispatch('chat.abort', { session_id })));
    await Promise.race([stops, wait(STOP_WAIT_MS)]);
  }

  /** Otherwise the end of one answer would be the beginning of the next. */
  async function pauseAll(sessionIds: string[]): Promise<void> {
    await Promise.all(sessionIds.map((session_id) => dispatch('chat.queue_pause', { session_id })));
  }

  /** @returns false when the person came back meanwhile. */
  async function finishAll(sessionIds: string[]): Promise<boolean> {
    const quit = { isWanted: true };
    waiting = {
      stay: () => {
        quit.isWanted = false;
      },
    };
    try {
      await pauseAll(sessionIds);
      window()?.hide();
      while (quit.isWanted && (await busySessions()).length > 0) await wait(LOOK_EVERY_MS);
      return quit.isWanted;
    } finally {
      waiting = null;
    }
  }

  return {
    async mayEnd() {
      const busy = await busySessions();
      if (busy.length === 0) return true;
      const settings = await dispatch('settings.get', {});
      let choice: QuitChoice = settings?.quitWhileBusy ?? 'ask';
      if (choice === 'ask') {
        const said = await ask(window(), busy.length, words());
        if (said === null) return false;
        choice = said.choice;
        if (said.isRemembered) await dispatch('settings.set', { values: { quitWhileBusy: choice } });
      }
      // While the question stood, answers may have ended, and others begun.
      const now = await busySessions();
      if (choice === 'finish') return finishAll(now);
      await stopAll(now);
      return true;
    },
    stay: () => waiting?.stay(),
  };
}
