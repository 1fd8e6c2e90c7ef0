import { app, type BrowserWindow, Notification } from 'electron';
import type { Notice } from '../platform/host-capabilities.ts';

/** Notices that stand at once; a system shows fewer, and an older one says nothing new. */
const MAX_STANDING = 20;

/** How the system is made to look at us: a notice, a number on the icon, a flash in the task bar. */
export interface Attention {
  /** Absent where the system shows no notices. */
  notify: ((notice: Notice) => void) | undefined;
  /** The person is here: takes the signs away. */
  seen(window: BrowserWindow): void;
}

/**
 * @param window the window now; null where there is none.
 * @param onClick a person clicked the notice about this conversation.
 */
export function createAttention(window: () => BrowserWindow | null, onClick: (sessionId: string) => void): Attention {
  // Held until it is gone: a notice that is collected as garbage hears no click.
  const standing = new Map<string, Notification>();
  let unseen = 0;

  function withdraw(sessionId: string): void {
    const notice = standing.get(sessionId);
    standing.delete(sessionId);
    notice?.close();
  }

  function notify({ title, body, sessionId }: Notice): void {
    withdraw(sessionId);
    const oldest = standing.keys().next();
    if (standing.size >= MAX_STANDING && oldest.done !== true) withdraw(oldest.value);
    const notice = new Notification({ title, body });
    standing.set(sessionId, notice);
    const gone = () => {
      if (standing.get(sessionId) === notice) standing.delete(sessionId);
    };
    notice.once('click', () => {
      gone();
      onClick(sessionId);
    });
    notice.once('close', gone);
    notice.once('failed', gone);
    notice.show();
    unseen += 1;
    // Each does something only where the system has it: a number on macOS and some Linux desktops, a flash elsewhere.
    app.setBadgeCount(unseen);
    app.dock?.bounce('informational');
    window()?.flashFrame(true);
  }

  return {
    notify: Notification.isSupported() ? notify : undefined,
    seen(window) {
      if (unseen === 0) return;
      unseen = 0;
      app.setBadgeCount(0);
      window.flashFrame(false);
      for (const sessionId of [...standing.keys()]) withdraw(sessionId);
    },
  };
}
