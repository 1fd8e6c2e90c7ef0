import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { app } from 'electron';

/** Whether the system starts Sluice when the person signs in. The system has the last word: it is asked, not remembered. */
export interface LoginItem {
  isOn(): boolean;
  set(isOn: boolean): void;
}

/**
 * A program's path as the `Exec` key of a desktop entry has it: quoted, and without anything that would be expanded
 * (https://specifications.freedesktop.org/desktop-entry-spec, “The Exec key”, read 2026-11).
 */
function quoteExec(path: string): string {
  return `"${path
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`;
}

/** Linux: a file of the autostart specification, which Electron does not write. */
function autostartFile(env: NodeJS.ProcessEnv): LoginItem {
  const file = join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'autostart', 'sluice.desktop');
  return {
    isOn: () => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
    set(isOn) {
      if (!isOn) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(dirname(file), { recursive: true });
      // An AppImage runs from a mount that is gone tomorrow; its own file is named here.
      const program = env['APPIMAGE'] ?? process.execPath;
      const entry = `[Desktop Entry]\nType=Application\nName=Sluice\nExec=${quoteExec(program)}\nTerminal=false\n`;
      writeFileSync(`${file}.new`, entry);
      renameSync(`${file}.new`, file);
    },
  };
}

export function loginItem(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): LoginItem {
  if (platform === 'linux') return autostartFile(env);
  return {
    isOn: () => app.getLoginItemSettings().openAtLogin,
    set: (isOn) => app.setLoginItemSettings({ openAtLogin: isOn }),
  };
}
