import { useEffect, useMemo } from 'react';
import {
  type CommandId,
  commandOfKeys,
  FIXED_KEYS,
  type FixedKeysId,
  fixedKeysOf,
  keysOf,
  type ShortcutChoices,
  type ShortcutPlace,
} from '#contract/commands';
import { isComposing } from '../ui/is-composing.ts';
import { runCommand } from './command-store.ts';
import { keyCaps, keyText, readKeys } from './read-keys.ts';

export const IS_MAC = /^Mac|^iP/.test(navigator.platform);

/** A window of the desktop application leaves all keys to its page; a browser has some of its own. */
export const SHORTCUT_PLACE: ShortcutPlace = 'sluice' in window ? 'window' : 'browser';

/** Has keys do what they are bound to. A press that somebody nearer took, and one within an open dialog, is not heard. */
export function useShortcuts(chosen: ShortcutChoices): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event) || event.repeat) return;
      const keys = readKeys(event, IS_MAC);
      const id = keys === null ? null : commandOfKeys(keys, chosen, SHORTCUT_PLACE);
      if (id !== null && runCommand(id)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [chosen]);
}

/** Keys that cannot be bound anew, as this system writes them within a sentence or a hint. */
export function fixedKeyText(id: FixedKeysId): string {
  const found = FIXED_KEYS.find((each) => each.id === id);
  return found === undefined ? '' : keyText(fixedKeysOf(found, IS_MAC), IS_MAC);
}

/** The caps of a command's keys, or none. */
export function useKeyCaps(chosen: ShortcutChoices): (id: CommandId) => string[] {
  return useMemo(
    () => (id) => {
      const keys = keysOf(id, chosen, SHORTCUT_PLACE);
      return keys === null ? [] : keyCaps(keys, IS_MAC);
    },
    [chosen],
  );
}
