/**
 * Everything that a person can have done by name: one list that feeds the palette, the shortcuts and the desktop menu.
 * Labels are in `shell-words.ts`; what a command does is registered by whoever can do it (`src-renderer/commands`).
 *
 * Keys are written `Mod+Shift+F`: modifiers in the order Mod, Ctrl, Alt, Shift, then the key's name in capitals. `Mod` is ⌘ on
 * macOS and Ctrl elsewhere.
 */
export interface CommandDefinition {
  /** Where the palette and the sheet of shortcuts list it. */
  group: 'conversation' | 'queue' | 'go' | 'view';
  /** What it is bound to until a person binds it otherwise; null for nothing. */
  keys: string | null;
  /** The same in a browser, which keeps some keys for itself. */
  browserKeys?: string;
  /** Its place in the desktop menu. Only what can always be done stands there: a menu does not know the page's state. */
  menu?: 'file' | 'view' | 'go' | 'help';
}

const define = <Id extends string>(commands: Record<Id, CommandDefinition>) => commands;

export const COMMANDS = define({
  newChat: { group: 'conversation', keys: 'Mod+N', browserKeys: 'Alt+N', menu: 'file' },
  stopAnswer: { group: 'conversation', keys: null },
  findHere: { group: 'conversation', keys: 'Mod+F' },
  conversationSettings: { group: 'conversation', keys: 'Mod+I' },
  renameSession: { group: 'conversation', keys: null },
  tagSession: { group: 'conversation', keys: null },
  pinSession: { group: 'conversation', keys: null },
  archiveSession: { group: 'conversation', keys: null },
  forkSession: { group: 'conversation', keys: null },
  exportMarkdown: { group: 'conversation', keys: null },
  exportJson: { group: 'conversation', keys: null },
  deleteSession: { group: 'conversation', keys: null },
  pauseQueue: { group: 'queue', keys: null },
  resumeQueue: { group: 'queue', keys: null },
  clearQueue: { group: 'queue', keys: null },
  showSearch: { group: 'go', keys: 'Mod+Shift+F', menu: 'go' },
  showChat: { group: 'go', keys: 'Mod+1', browserKeys: 'Alt+1', menu: 'go' },
  showCredentials: { group: 'go', keys: 'Mod+2', browserKeys: 'Alt+2', menu: 'go' },
  showUsage: { group: 'go', keys: 'Mod+3', browserKeys: 'Alt+3', menu: 'go' },
  showPrompts: { group: 'go', keys: 'Mod+4', browserKeys: 'Alt+4', menu: 'go' },
  showLocalApi: { group: 'go', keys: 'Mod+5', browserKeys: 'Alt+5', menu: 'go' },
  showSettings: { group: 'go', keys: 'Mod+,', menu: 'go' },
  nextSession: { group: 'go', keys: 'Alt+Shift+ARROWDOWN', menu: 'go' },
  previousSession: { group: 'go', keys: 'Alt+Shift+ARROWUP', menu: 'go' },
  nextPart: { group: 'go', keys: 'F6' },
  previousPart: { group: 'go', keys: 'Shift+F6' },
  showPalette: { group: 'view', keys: 'Mod+K', menu: 'view' },
  showShortcuts: { group: 'view', keys: 'Mod+/', menu: 'help' },
  themeSystem: { group: 'view', keys: null },
  themeLight: { group: 'view', keys: null },
  themeDark: { group: 'view', keys: null },
  textLarger: { group: 'view', keys: 'Mod+=', menu: 'view' },
  textSmaller: { group: 'view', keys: 'Mod+-', menu: 'view' },
  textReset: { group: 'view', keys: 'Mod+0', menu: 'view' },
});

export type CommandId = keyof typeof COMMANDS;

export const COMMAND_IDS = Object.keys(COMMANDS) as [CommandId, ...CommandId[]];

/** What a person bound otherwise; null for no keys at all. */
export type ShortcutChoices = Partial<Record<CommandId, string | null>>;

/** Where the keys are pressed: a browser has some of its own. */
export type ShortcutPlace = 'window' | 'browser';

/** The keys of a command now, or null. */
export function keysOf(id: CommandId, chosen: ShortcutChoices, place: ShortcutPlace): string | null {
  const own = chosen[id];
  if (own !== undefined) return own;
  const { keys, browserKeys } = COMMANDS[id];
  return place === 'browser' && browserKeys !== undefined ? browserKeys : keys;
}

/** The command that has these keys, other than `except`. */
export function commandOfKeys(
  keys: string,
  chosen: ShortcutChoices,
  place: ShortcutPlace,
  except?: CommandId,
): CommandId | null {
  return COMMAND_IDS.find((id) => id !== except && keysOf(id, chosen, place) === keys) ?? null;
}

/** Keys that belong to writing, to lists and to the queue, in words of their own; they cannot be bound to anything else. */
export const FIXED_KEYS = [
  { id: 'send', keys: 'ENTER' },
  { id: 'newLine', keys: 'Shift+ENTER' },
  { id: 'interrupt', keys: 'Mod+ENTER' },
  { id: 'stop', keys: 'ESCAPE' },
  { id: 'editLast', keys: 'ARROWUP' },
  { id: 'pasteText', keys: 'Mod+Shift+V' },
  { id: 'moveUp', keys: 'Alt+ARROWUP' },
  { id: 'moveDown', keys: 'Alt+ARROWDOWN' },
  { id: 'renameRow', keys: 'F2' },
  // A Mac's own keyboard has no other key that deletes.
  { id: 'deleteRow', keys: 'DELETE', macKeys: 'BACKSPACE' },
] as const;
export type FixedKeysId = (typeof FIXED_KEYS)[number]['id'];

/** The keys that a system shows for one of them. */
export function fixedKeysOf(fixed: (typeof FIXED_KEYS)[number], isMac: boolean): string {
  return isMac && 'macKeys' in fixed ? fixed.macKeys : fixed.keys;
}

const TAKEN: ReadonlySet<string> = new Set([
  ...FIXED_KEYS.map(({ keys }) => keys),
  // What every text field does with them.
  ...['A', 'C', 'V', 'X', 'Z', 'Y', 'BACKSPACE', 'ARROWLEFT', 'ARROWRIGHT', 'HOME', 'END'].map((key) => `Mod+${key}`),
  'Mod+Shift+Z',
  'Alt+F4',
]);

/** What browsers do not let a page have: their windows and tabs. */
const OF_BROWSERS: ReadonlySet<string> = new Set([
  ...['N', 'T', 'W', 'Shift+N', 'Shift+T', 'Shift+W', 'PAGEUP', 'PAGEDOWN'].map((key) => `Mod+${key}`),
  ...Array.from({ length: 9 }, (_, index) => `Mod+${index + 1}`),
]);

/** Whether these keys never arrive where they are pressed. */
export function areKeptAway(keys: string, place: ShortcutPlace): boolean {
  return place === 'browser' && OF_BROWSERS.has(keys);
}

/**
 * Whether keys may be bound: a key with Mod, Ctrl or Alt, or a function key, that does not write and is not taken by what a
 * text field or the composer does with it.
 */
export function areBindable(keys: string): boolean {
  if (TAKEN.has(keys)) return false;
  const parts = keys.split('+');
  const key = keys.endsWith('++') ? '+' : (parts.at(-1) ?? '');
  if (/^F([1-9]|1\d|2[0-4])$/.test(key)) return true;
  return /^(Mod|Ctrl|Alt)\+/.test(keys) && key !== '' && key !== 'TAB';
}
