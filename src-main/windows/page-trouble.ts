import { type BrowserWindow, dialog } from 'electron';
import type { DesktopWords } from '#contract/desktop-words';
import type { Clock } from '../platform/clock.ts';

/** A page that crashes again within this time would only be reloaded for ever, so a person is asked. */
const RELOAD_PAUSE_MS = 10_000;

/**
 * Brings a page back that crashed or hangs. Runs live in the main process: a page that comes back finds them where they are,
 * and drafts are on the disk with every key. The first crash is mended without a word; one right after it, and a page that
 * does not answer, are a person's choice.
 *
 * @param parts.tell hears of every crash, for the log.
 */
export function watchPage(
  window: BrowserWindow,
  parts: {
    clock: Clock;
    words: () => DesktopWords['page'];
    tell: (what: 'crashed' | 'hangs', reason: string) => void;
    report: (thrown: unknown) => void;
  },
): void {
  const { clock, words, tell, report } = parts;
  const contents = window.webContents;
  let reloadedAtMs = Number.NEGATIVE_INFINITY;
  let isAsking = false;
  let isEndedByChoice = false;

  function reload(): void {
    if (window.isDestroyed()) return;
    reloadedAtMs = clock.now();
    contents.reload();
  }

  /** @returns the number of the chosen button; null while another question stands. */
  async function ask(message: string, detail: string, buttons: string[]): Promise<number | null> {
    if (isAsking) return null;
    isAsking = true;
    try {
      const { response } = await dialog.showMessageBox(window, {
        type: 'warning',
        message,
        detail,
        buttons,
        defaultId: 0,
        cancelId: 1,
        noLink: true,
      });
      return response;
    } finally {
      isAsking = false;
    }
  }

  contents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    if (isEndedByChoice) {
      isEndedByChoice = false;
      return;
    }
    tell('crashed', details.reason);
    if (clock.now() - reloadedAtMs >= RELOAD_PAUSE_MS) {
      reload();
      return;
    }
    const { crashed, crashedBody, reload: again, close } = words();
    ask(crashed, crashedBody, [again, close])
      .then((answer) => {
        if (answer === 0) reload();
        else if (answer === 1 && !window.isDestroyed()) window.close();
      })
      .catch(report);
  });

  window.on('unresponsive', () => {
    if (window.isDestroyed()) return;
    tell('hangs', 'unresponsive');
    const { hangs, hangsBody, reload: again, wait } = words();
    ask(hangs, hangsBody, [again, wait])
      .then((answer) => {
        if (answer !== 0 || window.isDestroyed()) return;
        // A page that hangs does not listen to a reload; its process has to go first.
        isEndedByChoice = true;
        contents.forcefullyCrashRenderer();
        reload();
      })
      .catch(report);
  });
}
