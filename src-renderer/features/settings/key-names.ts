const ON_MAC: Readonly<Record<string, string>> = { CommandOrControl: '⌘', Shift: '⇧', Alt: '⌥' };
const ELSEWHERE: Readonly<Record<string, string>> = { CommandOrControl: 'Ctrl' };

/** Keys as they stand on the keyboard of this system: `CommandOrControl+Alt+Q` is `⌘ ⌥ Q`, and `Ctrl + Alt + Q` elsewhere. */
export function keyNames(keys: string, isMac: boolean): string {
  const names = isMac ? ON_MAC : ELSEWHERE;
  return keys
    .split('+')
    .map((key) => names[key] ?? key)
    .join(isMac ? ' ' : ' + ');
}
