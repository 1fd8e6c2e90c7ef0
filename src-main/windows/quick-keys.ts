import { globalShortcut } from 'electron';
import type { DesktopState, QuickKeys } from '#contract/desktop';

export interface QuickKeysHolder {
  readonly state: DesktopState['quickKeys'];
  /** Takes these keys and gives back the former ones; null only gives back. */
  set(keys: QuickKeys | null): void;
}

/** Keys that are heard while another program has the focus. Keys that another program has already are told as taken. */
export function createQuickKeys(onPress: () => void): QuickKeysHolder {
  let held: QuickKeys | null = null;
  let isHeard = false;
  return {
    get state() {
      return held === null ? 'off' : isHeard ? 'on' : 'taken';
    },
    set(keys) {
      // Those that were taken are asked for again: the other program may be gone.
      if (keys === held && (isHeard || keys === null)) return;
      if (held !== null && isHeard) globalShortcut.unregister(held);
      held = keys;
      try {
        isHeard = keys !== null && globalShortcut.register(keys, onPress);
      } catch {
        // Keys that this system does not know: nobody hears them, which is what is told.
        isHeard = false;
      }
    },
  };
}
