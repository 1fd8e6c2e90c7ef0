/** A key press, as far as it matters here. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const MODIFIERS: ReadonlySet<string> = new Set(['Control', 'Meta', 'Alt', 'AltGraph', 'Shift', 'Dead', 'Process']);

/**
 * What was pressed, written as the contract writes keys (`Mod+Shift+F`); null for a modifier alone. A pure decision.
 *
 * Letters and digits go by their place where Alt is held or the layout writes no Latin: Option turns F into ƒ, and a person
 * with a Russian layout presses the same key for find. Elsewhere by what they write, so that Mod+A is A also on AZERTY.
 */
export function readKeys(press: KeyPress, isMac: boolean): string | null {
  if (MODIFIERS.has(press.key)) return null;
  const mod = isMac ? press.metaKey : press.ctrlKey;
  const other = isMac ? press.ctrlKey : press.metaKey;
  const key = keyName(press);
  // A sign that needs Shift is written with it already; Mod++ would be asked for as Mod+Shift++ otherwise.
  const shift = press.shiftKey && (key.length > 1 || /[A-Z0-9 ]/.test(key));
  const parts = [mod && 'Mod', other && 'Ctrl', press.altKey && 'Alt', shift && 'Shift', key];
  return parts.filter((part) => part !== false).join('+');
}

function keyName({ key, code, altKey, shiftKey }: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined && (altKey || !/^[a-z]$/i.test(key))) return letter;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  // On AZERTY digits need Shift, so there the key without it writes something else.
  if (digit !== undefined && (altKey || shiftKey || !/^\d$/.test(key))) return digit;
  return key.toUpperCase();
}

const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' };
/** The key that deletes forwards; the other one is not meant. */
const MAC_KEYS: Readonly<Record<string, string>> = { DELETE: '⌦' };
const SIGNS: Readonly<Record<string, string>> = {
  ARROWUP: '↑',
  ARROWDOWN: '↓',
  ARROWLEFT: '←',
  ARROWRIGHT: '→',
  ESCAPE: 'Esc',
  ENTER: 'Enter',
  DELETE: 'Del',
  BACKSPACE: '⌫',
  PAGEUP: 'PgUp',
  PAGEDOWN: 'PgDn',
  ' ': 'Space',
};

/** The caps of keys, one by one, as this system prints them. */
export function keyCaps(keys: string, isMac: boolean): string[] {
  const parts = keys.endsWith('++') ? [...keys.slice(0, -2).split('+'), '+'] : keys.split('+');
  return parts.map((part, index) => {
    if (index === parts.length - 1)
      return (isMac ? MAC_KEYS[part] : undefined) ?? SIGNS[part] ?? (part.length > 1 ? sentenceCase(part) : part);
    return isMac ? (MAC_SIGNS[part] ?? part) : part === 'Mod' ? 'Ctrl' : part === 'Ctrl' ? 'Meta' : part;
  });
}

/** Keys within a sentence or a hint: `Ctrl Shift V`, and `⌘ ⇧ V` on macOS. */
export function keyText(keys: string, isMac: boolean): string {
  return keyCaps(keys, isMac).join(' ');
}

function sentenceCase(name: string): string {
  return /^F\d/.test(name) ? name : `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`;
}
