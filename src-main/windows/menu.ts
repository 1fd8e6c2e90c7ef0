import { Menu, type MenuItemConstructorOptions } from 'electron';
import { COMMAND_IDS, COMMANDS, type CommandDefinition, type CommandId, keysOf } from '#contract/commands';
import type { Locale } from '#contract/locale';
import type { Settings } from '#contract/settings';
import { SHELL_WORDS } from '#contract/shell-words';

const NAMED_KEYS: Readonly<Record<string, string>> = {
  ARROWUP: 'Up',
  ARROWDOWN: 'Down',
  ARROWLEFT: 'Left',
  ARROWRIGHT: 'Right',
  ESCAPE: 'Esc',
  ENTER: 'Return',
  ' ': 'Space',
  '+': 'Plus',
};

/** Keys of the contract as Electron writes them: `Mod+Shift+ARROWUP` is `CommandOrControl+Shift+Up`. */
export function acceleratorOf(keys: string): string {
  const parts = keys.endsWith('++') ? [...keys.slice(0, -2).split('+'), '+'] : keys.split('+');
  return parts
    .map((part, index) => {
      if (index === parts.length - 1) return NAMED_KEYS[part] ?? part;
      return part === 'Mod' ? 'CommandOrControl' : part === 'Ctrl' ? 'Control' : part;
    })
    .join('+');
}

export interface MenuParts {
  platform: NodeJS.Platform;
  locale: Locale;
  shortcuts: Settings['shortcuts'];
  /** Has the page carry a command out. */
  onCommand: (id: CommandId) => void;
}

/**
 * The application's menu. Commands come from the contract's list, with the keys that they are bound to now; what the
 * system does itself comes by role, with names in the language of the page.
 */
export function menuTemplate({ platform, locale, shortcuts, onCommand }: MenuParts): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const { command, menu, edit, frame } = SHELL_WORDS[locale];
  const line = { type: 'separator' } as const;
  const commands = (place: NonNullable<CommandDefinition['menu']>): MenuItemConstructorOptions[] =>
    COMMAND_IDS.filter((id) => COMMANDS[id].menu === place).map((id) => {
      const keys = keysOf(id, shortcuts, 'window');
      return {
        id,
        label: command[id],
        click: () => onCommand(id),
        // The page hears its keys itself; here they are only shown, or every command would come twice.
        ...(keys === null ? {} : { accelerator: acceleratorOf(keys), registerAccelerator: false }),
      };
    });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: menu.file,
      submenu: [
        ...commands('file'),
        line,
        isMac ? { role: 'close', label: frame.close } : { role: 'quit', label: frame.quit },
      ],
    },
    {
      label: menu.edit,
      submenu: [
        { role: 'undo', label: edit.undo },
        { role: 'redo', label: edit.redo },
        line,
        { role: 'cut', label: edit.cut },
        { role: 'copy', label: edit.copy },
        { role: 'paste', label: edit.paste },
        { role: 'selectAll', label: edit.selectAll },
      ],
    },
    {
      label: menu.view,
      submenu: [
        ...commands('view'),
        line,
        { role: 'togglefullscreen', label: frame.fullScreen },
        { role: 'reload', label: frame.reload },
        { role: 'toggleDevTools', label: frame.developerTools },
      ],
    },
    { label: menu.go, submenu: commands('go') },
    {
      label: menu.window,
      role: 'windowMenu',
      submenu: [
        { role: 'minimize', label: frame.minimize },
        { role: 'close', label: frame.close },
      ],
    },
    { label: menu.help, role: 'help', submenu: commands('help') },
  ];
}

export function installMenu(parts: MenuParts): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(parts)));
}
