import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { ChatEvent, SluiceApi } from '#contract/routes';
import { IPC_EVENT_CHANNEL, IPC_REQUEST_CHANNEL } from '#contract/routes';

/**
 * All that the page has of the main process. The channels are fixed here, so a page can neither name another one nor see
 * Electron's event object, which leads to the whole of ipcRenderer.
 */
const api: SluiceApi = {
  request: (route, input) => ipcRenderer.invoke(IPC_REQUEST_CHANNEL, route, input),
  onEvent(listener) {
    const forward = (_event: IpcRendererEvent, pushed: ChatEvent): void => listener(pushed);
    ipcRenderer.on(IPC_EVENT_CHANNEL, forward);
    return () => {
      ipcRenderer.off(IPC_EVENT_CHANNEL, forward);
    };
  },
};

contextBridge.exposeInMainWorld('sluice', Object.freeze(api));
