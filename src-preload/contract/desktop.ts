/** Keys that may call Sluice from anywhere, as Electron writes them. A short list: what a person types wrong never works. */
export const QUICK_KEYS = [
  'CommandOrControl+Shift+Space',
  'Alt+Space',
  'CommandOrControl+Alt+Q',
  'CommandOrControl+Shift+K',
] as const;
export type QuickKeys = (typeof QUICK_KEYS)[number];

/** What a quit does while answers are being made. */
export const QUIT_CHOICES = ['ask', 'finish', 'stop'] as const;
export type QuitChoice = (typeof QUIT_CHOICES)[number];

/** What the system made of the wishes in the settings. */
export interface DesktopState {
  platform: 'darwin' | 'win32' | 'linux';
  /** `taken`: another program has these keys, or the system gives none away. */
  quickKeys: 'off' | 'on' | 'taken';
  /** The system starts Sluice when the person signs in, whoever said so. */
  opensAtLogin: boolean;
  /** The system shows a tray, or says nothing about it. */
  tray: 'off' | 'on' | 'failed';
  /** Spelling is checked now. */
  spellCheck: boolean;
}
