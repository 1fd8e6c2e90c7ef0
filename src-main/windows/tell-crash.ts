import { app, dialog } from 'electron';
import type { DesktopWords } from '#contract/desktop-words';

/**
 * Tells a person that the application ends because of a fault of its own, and starts it again where they want that. Blocks
 * until they answered: nothing of this process is to go on meanwhile. Ends the process.
 */
export function tellCrash(words: DesktopWords['crash'], message: string): void {
  try {
    if (app.isReady()) {
      const choice = dialog.showMessageBoxSync({
        type: 'error',
        message: words.title,
        detail: `${words.body}\n\n${message.slice(0, 600)}`,
        buttons: [words.restart, words.quit],
        defaultId: 0,
        cancelId: 1,
        noLink: true,
      });
      if (choice === 0) app.relaunch();
    } else {
      dialog.showErrorBox(words.title, message.slice(0, 600));
    }
  } finally {
    app.exit(1);
  }
}
