import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type BrowserWindow, screen } from 'electron';
import type { Clock } from '../platform/clock.ts';
import {
  choosePlace,
  type DisplayPlace,
  readPlaces,
  rememberPlace,
  type WindowPlace,
  type WindowPlaces,
} from './window-place.ts';

/** A window that is dragged says so many times a second; it is written down once it rests. */
const REST_MS = 500;
/** A file of ours has a few kilobytes; more is somebody else's. */
const MAX_FILE_CHARS = 100_000;

/** Keeps where the window stands, per set of displays. */
export interface WindowPlacesFile {
  /** Where a window is to open now; null where the system knows of no display. */
  place(): WindowPlace | null;
  /** Follows a window until it is closed. */
  follow(window: BrowserWindow): void;
}

function displaysNow(): DisplayPlace[] {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return [primary, ...others].map(({ bounds, workArea }) => ({ bounds, workArea }));
}

function read(path: string): WindowPlaces {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > MAX_FILE_CHARS ? [] : readPlaces(text);
  } catch {
    // None yet, or none that can be read: the usual place will do.
    return [];
  }
}

/**
 * @param path the file, in a folder that exists. It is replaced as a whole, so that it is never half written.
 * @param report hears what could not be stored; the window is none the worse for it.
 */
export function openWindowPlaces(path: string, clock: Clock, report: (thrown: unknown) => void): WindowPlacesFile {
  let places = read(path);

  function write(): void {
    const next = `${path}.new`;
    try {
      writeFileSync(next, JSON.stringify(places), { mode: 0o600 });
      renameSync(next, path);
    } catch (thrown) {
      rmSync(next, { force: true });
      report(thrown);
    }
  }

  function note(window: BrowserWindow): void {
    // A minimised window has bounds that mean nothing on some systems.
    if (window.isDestroyed() || window.isMinimized()) return;
    const place = {
      bounds: window.getNormalBounds(),
      isMaximized: window.isMaximized(),
      isFullScreen: window.isFullScreen(),
    };
    places = rememberPlace(places, displaysNow(), place);
    write();
  }

  return {
    place: () => choosePlace(places, displaysNow()),
    follow(window) {
      let cancel = (): void => undefined;
      const soon = () => {
        cancel();
        cancel = clock.after(REST_MS, () => note(window));
      };
      window.on('resize', soon);
      window.on('move', soon);
      window.on('maximize', soon);
      window.on('unmaximize', soon);
      window.on('enter-full-screen', soon);
      window.on('leave-full-screen', soon);
      window.on('close', () => {
        cancel();
        note(window);
      });
      window.once('closed', () => cancel());
    },
  };
}
