import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import type { CommandId } from '#contract/commands';
import { failed, type Result } from '#contract/errors';
import type { ChatEvent } from '#contract/events';
import { IPC_EVENT_CHANNEL, IPC_REQUEST_CHANNEL } from '#contract/routes';
import { failureOf, toAppFailure } from '../platform/app-failure.ts';
import type { Router, Viewer } from './router.ts';

/** The typed IPC between windows and the core. */
export interface ElectronTransport {
  /** Lets a window ask and listen, until it is gone. */
  connect(contents: WebContents): void;
  /** Has a window's page carry a command out; a page that is gone does not hear it. */
  command(contents: WebContents, id: CommandId): void;
  /** Takes the channel away and parts with every window. */
  dispose(): void;
}

/** A viewer that falls silent the moment it is ended: what is still on its way to a page that is gone goes nowhere. */
class WindowViewer implements Viewer {
  readonly id: string;
  readonly #contents: WebContents;
  #ended = false;

  constructor(id: string, contents: WebContents) {
    this.id = id;
    this.#contents = contents;
  }

  send(event: ChatEvent): void {
    // A destroyed WebContents throws at any touch but this question.
    if (this.#ended || this.#contents.isDestroyed()) return;
    this.#contents.send(IPC_EVENT_CHANNEL, event);
  }

  end(): void {
    this.#ended = true;
  }
}

/**
 * Answers requests of our own page and pushes events to it.
 *
 * Every page load is a viewer of its own: subscriptions belong to what a page knows, and a page that was reloaded or has
 * crashed knows nothing. A request counts only when it comes from the main frame of a connected window and that frame shows
 * our page; everybody else gets `forbidden_sender`. Nothing is ever thrown at the caller.
 *
 * @param isOwnPage tells our page by its address.
 */
export function createElectronTransport(router: Router, isOwnPage: (address: string) => boolean): ElectronTransport {
  const viewers = new Map<WebContents, WindowViewer>();
  let loads = 0;

  function part(contents: WebContents): void {
    const viewer = viewers.get(contents);
    if (viewer === undefined) return;
    viewers.delete(contents);
    viewer.end();
    router.detach(viewer);
  }

  function meet(contents: WebContents): void {
    part(contents);
    const viewer = new WindowViewer(`window-${contents.id}-${++loads}`, contents);
    viewers.set(contents, viewer);
    router.attach(viewer);
  }

  function viewerOf(event: IpcMainInvokeEvent): WindowViewer | null {
    try {
      const frame = event.senderFrame;
      if (frame === null || frame.parent !== null || !isOwnPage(frame.url)) return null;
      return viewers.get(event.sender) ?? null;
    } catch {
      // Electron throws when the frame went away while its message was under way: nobody is left to answer.
      return null;
    }
  }

  ipcMain.handle(IPC_REQUEST_CHANNEL, async (event, route: unknown, payload: unknown): Promise<Result<unknown>> => {
    const viewer = viewerOf(event);
    if (viewer === null) {
      return failed(failureOf('forbidden_sender', { word: 'only_own_page' }).toAppError());
    }
    if (typeof route !== 'string') {
      return failed(failureOf('invalid_payload', { word: 'route_unnamed' }).toAppError());
    }
    try {
      return await router.dispatch(route, payload, viewer);
    } catch (error) {
      return failed(toAppFailure(error).toAppError());
    }
  });

  return {
    connect(contents) {
      meet(contents);
      contents.on('did-start-navigation', (details) => {
        if (details.isMainFrame && !details.isSameDocument) meet(contents);
      });
      contents.on('render-process-gone', () => part(contents));
      contents.once('destroyed', () => part(contents));
    },
    command(contents, id) {
      viewers
        .get(contents)
        ?.send({ v: 1, session_id: null, seq: 0, ts: Date.now(), event: 'app.command', command: id });
    },
    dispose() {
      ipcMain.removeHandler(IPC_REQUEST_CHANNEL);
      for (const contents of [...viewers.keys()]) part(contents);
    },
  };
}
