import { useEffect } from 'react';
import type { ChatEvent } from '#contract/events';
import { runCommand } from './commands/command-store.ts';
import { dropSessions, hearChanged } from './drop-sessions.ts';
import { useVoteStore } from './features/chat/vote-store.ts';
import { useCredentialsStore } from './features/credentials/credentials-store.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { useSettingsStore } from './features/settings/settings-store.ts';
import { useConnectionStore } from './ipc/connection-store.ts';
import type { EventBridge } from './ipc/event-bridge.ts';
import { onWake } from './ipc/on-wake.ts';
import type { Connection, Transport } from './ipc/transport.ts';

/** Focus and visibility come together; the list is asked for once per pause. */
const LIST_PAUSE_MS = 60;

/**
 * Joins the core to the stores: loads what every page needs, hands events to the bridge, and asks again after whatever
 * may have cut the line or put the machine to sleep (E5-05). Returns how the line stands.
 */
export function useCoreEvents(api: Transport, bridge: EventBridge): Connection {
  const connection = useConnectionStore((state) => state.connection);

  useEffect(() => {
    let listTimer: ReturnType<typeof setTimeout> | undefined;
    const loadSessions = () => void useSessionsStore.getState().load(api);
    const loadSessionsSoon = () => {
      clearTimeout(listTimer);
      listTimer = setTimeout(loadSessions, LIST_PAUSE_MS);
    };
    const loadAll = () => {
      loadSessions();
      void useSettingsStore.getState().load(api);
      void useCredentialsStore.getState().load(api);
      void useVoteStore.getState().reload(api);
    };

    const onEvent = (event: ChatEvent) => {
      bridge.receive(event);
      if (event.event === 'sessions.changed') {
        if (event.reason !== 'deleted') hearChanged(api, event.ids);
        else {
          dropSessions(bridge, event.ids);
          for (const id of event.ids) useSessionsStore.getState().drop(id);
        }
      } else if (event.event === 'feedback.changed') {
        const { conversation_id: sessionId, run_id: runId, rating, comment } = event;
        useVoteStore.getState().hear(sessionId, runId, rating === null ? null : { runId, rating, comment });
      } else if (event.event === 'pool.event') {
        void useCredentialsStore.getState().load(api);
        if (event.kind === 'secrets') void useSettingsStore.getState().load(api);
      } else if (event.event === 'settings.changed') {
        useSettingsStore.getState().put(event.settings);
      } else if (event.event === 'app.command') {
        runCommand(event.command);
      } else if (event.event === 'storage.changed') {
        useSettingsStore.getState().setStorage({
          state: event.state,
          message: event.message,
          ...(event.said === undefined ? {} : { said: event.said }),
        });
      }
    };

    let wasDown = false;
    const offConnection = api.onConnection((state) => {
      useConnectionStore.setState({ connection: state });
      if (state === 'up' && wasDown) {
        bridge.refresh();
        loadAll();
        // What changed after the first answer and before the line stood was told to nobody here.
      } else if (state === 'up') {
        loadSessionsSoon();
        void useCredentialsStore.getState().load(api);
      }
      wasDown = state !== 'up';
    });
    const again = () => {
      if (document.visibilityState !== 'visible') return;
      bridge.refresh();
      loadSessionsSoon();
    };
    const offEvents = api.onEvent(onEvent);
    const offWake = onWake(() => {
      bridge.refresh();
      loadSessionsSoon();
    });
    window.addEventListener('focus', again);
    document.addEventListener('visibilitychange', again);
    loadAll();
    return () => {
      clearTimeout(listTimer);
      offEvents();
      offWake();
      offConnection();
      window.removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', again);
    };
  }, [api, bridge]);

  return connection;
}
