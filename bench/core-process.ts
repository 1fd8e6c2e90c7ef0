import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { HOST_FLAGS, hostEnv } from '../scripts/setup.mjs';
import { startAnnounced } from './processes.ts';

/** What the core's process says of itself. */
export interface CoreReport {
  loopP99Ms: number;
  loopMaxMs: number;
  heapMb: number;
  externalMb: number;
  rssMb: number;
  cpuMs: number;
  /** Actors that are alive, counted in the heap; only in the answer to `actors`. */
  actors: number | null;
}

/** The core in a process of its own, with the ways to ask it. Whoever started it stops it. */
export interface CoreProcess {
  url: string;
  /** `gc` collects first, `reset` begins the loop delay anew, `actors` counts them. */
  ask(what: 'gc' | 'reset' | 'report' | 'actors'): Promise<CoreReport>;
  /** A route over HTTP. @throws with the error's sentence. */
  call<T = Record<string, unknown>>(route: string, input: unknown): Promise<T>;
  connect(): Promise<Socket>;
  stop(): Promise<void>;
}

type Answer<T> = { ok: true; data: T } | { ok: false; error: { message: string } };

export async function startCore(dataDir: string): Promise<CoreProcess> {
  const host = await startAnnounced<{ url: string }>(
    ['--expose-gc', ...HOST_FLAGS, 'bench/core-host.ts'],
    hostEnv({ ...process.env, SLUICE_DATA_DIR: dataDir }),
  );
  const { url } = host.hello;
  return {
    url,
    async ask(what) {
      const answered = once(host.child, 'message') as Promise<[CoreReport]>;
      host.child.send(what);
      return (await answered)[0];
    },
    async call<T>(route: string, input: unknown) {
      const response = await fetch(`${url}/api/app/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
        body: JSON.stringify(input),
      });
      const answer = (await response.json()) as Answer<T>;
      if (!answer.ok) throw new Error(`${route}: ${answer.error.message}`);
      return answer.data;
    },
    async connect() {
      const socket = io(`${url}/chat-run`, { auth: { token: 'bench' }, transports: ['websocket'] });
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', () => resolve());
        socket.once('connect_error', reject);
      });
      return socket;
    },
    stop: () => host.stop(),
  };
}

/** Asks over the socket. @throws with the error's sentence. */
export async function askSocket<T>(socket: Socket, event: string, input: unknown): Promise<T> {
  const answer = (await socket.emitWithAck(event, input)) as Answer<T>;
  if (!answer.ok) throw new Error(`${event}: ${answer.error.message}`);
  return answer.data;
}

/** Waits until something holds, looking every few milliseconds. @throws after the deadline. */
export async function until(what: string, isTrue: () => boolean, withinMs = 30_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
