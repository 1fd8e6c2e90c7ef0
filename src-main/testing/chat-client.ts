import { io, type Socket } from 'socket.io-client';
import { vi } from 'vitest';

/** An event as a stranger sees it: nothing of the contract is taken on trust. */
export type HeardEvent = { event: string; session_id: string | null; seq: number } & Record<string, unknown>;

export interface ChatClient {
  socket: Socket;
  /** Everything that came, in order, but hints about lists, whose number depends on time. */
  heard: HeardEvent[];
  ask(name: string, payload?: unknown): Promise<Answer>;
  /** The events of that name once there are so many. */
  seen(name: string, times?: number): Promise<HeardEvent[]>;
  names(): string[];
}

export type Answer =
  | { ok: true; data: Record<string, unknown> }
  | { ok: false; error: { code: string; message: string } };

const SEEN_WITHIN_MS = 8000;

/** Connects as a client of the protocol does, with nothing but Socket.IO. The caller disconnects the socket. */
export async function connectChat(
  url: string,
  options: { token: string; query?: Record<string, string>; transports?: string[]; reconnection?: boolean },
): Promise<ChatClient> {
  const socket = io(`${url}/chat-run`, {
    auth: { token: options.token },
    query: options.query ?? {},
    transports: options.transports ?? ['websocket', 'polling'],
    reconnection: options.reconnection ?? false,
    reconnectionDelay: 20,
    forceNew: true,
  });
  const heard: HeardEvent[] = [];
  socket.onAny((name: string, event: HeardEvent) => {
    if (name !== event.event) throw new Error(`The event ${name} calls itself ${event.event}.`);
    if (name !== 'sessions.changed') heard.push(event);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', reject);
  });
  return {
    socket,
    heard,
    ask: async (name, payload) =>
      (await socket.timeout(SEEN_WITHIN_MS).emitWithAck(name, ...(payload === undefined ? [] : [payload]))) as Answer,
    seen: (name, times = 1) =>
      vi.waitFor(
        () => {
          const found = heard.filter((event) => event.event === name);
          if (found.length < times) throw new Error(`${found.length} of ${times} ${name} in ${String(names(heard))}`);
          return found;
        },
        { timeout: SEEN_WITHIN_MS, interval: 5 },
      ),
    names: () => names(heard),
  };
}

/** Names in order, with parts of one text told once: how many there are depends on time. */
function names(heard: readonly HeardEvent[]): string[] {
  return heard
    .map((event) => event.event)
    .filter((name, at, all) => !(name.endsWith('.delta') && all[at - 1] === name));
}
