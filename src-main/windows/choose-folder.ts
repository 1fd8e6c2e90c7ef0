import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import { oneLine } from './one-line.ts';

const MAX_TITLE_CHARS = 100;

/**
 * The system's folder dialog, above the window where there is one. One at a time: asked again while it stands, the same
 * answer goes to both.
 *
 * @param parent the window now; null where there is none.
 * @returns the chosen folder, absolute, or null.
 */
export function createFolderChooser(parent: () => BrowserWindow | null): (title: string) => Promise<string | null> {
  let open: Promise<string | null> | null = null;

  async function ask(title: string): Promise<string | null> {
    const shown = oneLine(title, MAX_TITLE_CHARS);
    // macOS shows no title above a sheet, but the message.
    const options: OpenDialogOptions = {
      title: shown,
      message: shown,
      properties: ['openDirectory', 'createDirectory'],
    };
    const window = parent();
    const { canceled, filePaths } =
      window === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(window, options);
    return canceled ? null : (filePaths[0] ?? null);
  }

  return (title) => {
    open ??= ask(title).finally(() => {
      open = null;
    });
    return open;
  };
}
