import { type BrowserWindow, dialog, shell } from 'electron';
import type { DesktopWords } from '#contract/desktop-words';
import type { Clock } from '../platform/clock.ts';
import { isOddAddress, openableUrl } from './app-page.ts';
import { oneLine } from './one-line.ts';

/** A person opens a link now and then; what opens more is a page that has run wild, and is asked about. */
const MAX_IN_A_ROW = 5;
const ROW_MS = 10_000;
const MAX_SHOWN_CHARS = 600;

/** Hands an address to the system's browser or mail program, or refuses it. */
export type OpenOutside = (address: string) => void;

/**
 * Opens what a browser or a mail program opens, and nothing that could start another program. Where an address hides its
 * place or does more than show a page, or when there are many in a row, the person is asked first, once at a time.
 */
export function createOpenOutside(parts: {
  clock: Clock;
  words: () => DesktopWords['open'];
  window: () => BrowserWindow | null;
}): OpenOutside {
  const { clock, words, window } = parts;
  let openedAtMs: number[] = [];
  let isAsking = false;

  function open(url: string): void {
    openedAtMs.push(clock.now());
    // Nothing to do about a system without a browser: the link stays where it is.
    shell.openExternal(url).catch(() => undefined);
  }

  async function askFirst(url: string): Promise<void> {
    const { title, body, yes, no } = words();
    const options = {
      type: 'warning' as const,
      message: title,
      detail: `${body}\n\n${oneLine(url, MAX_SHOWN_CHARS)}`,
      buttons: [no, yes],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
    const parent = window();
    const { response } =
      parent === null ? await dialog.showMessageBox(options) : await dialog.showMessageBox(parent, options);
    if (response === 1) open(url);
  }

  return (address) => {
    const url = openableUrl(address);
    if (url === null) return;
    const nowMs = clock.now();
    openedAtMs = openedAtMs.filter((atMs) => nowMs - atMs < ROW_MS);
    if (!isOddAddress(url) && openedAtMs.length < MAX_IN_A_ROW) {
      open(url);
      return;
    }
    if (isAsking) return;
    isAsking = true;
    askFirst(url)
      // A dialog that cannot be shown opens nothing.
      .catch(() => undefined)
      .finally(() => {
        isAsking = false;
      });
  };
}
