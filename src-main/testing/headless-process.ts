import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import type { Result } from '#contract/errors';
import type { RouteInput, RouteName, RouteOutputs } from '#contract/routes';

/** The headless host in a process of its own, so that it can be killed: the built one where vitest.config.ts names it. */
export interface HeadlessProcess {
  url: string;
  pid: number;
  stderr(): string;
  request<Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<Result<RouteOutputs[Name]>>;
  /** A connected socket; closed with the process. */
  connect(): Promise<Socket>;
  /** Waits for an end that comes by itself. Returns the exit code. */
  ended(): Promise<number | null>;
  /** SIGKILL: the process gets no chance to do anything. */
  kill(): Promise<void>;
  /** SIGTERM, and the wait for its end. Returns the exit code. */
  stop(): Promise<number | null>;
}

export const TOKEN = 'test-token';
/** A host starts in a third of a second; the rest is for a machine that has other things to do. */
const READY_WITHIN_MS = 60_000;

const live = new Set<ChildProcess>();
// A test run that is broken off leaves no hosts behind.
process.on('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

/** @throws when the process ends before it listens; its stderr is the message. */
export async function startHeadlessProcess(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<HeadlessProcess> {
  const entry = process.env['SLUICE_TEST_HOST'] ?? fileURLToPath(new URL('../headless.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      SLUICE_DATA_DIR: dataDir,
      SLUICE_PORT: '0',
      SLUICE_TOKEN: TOKEN,
      SLUICE_KEYRING: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  live.add(child);
  const exited = once(child, 'exit').finally(() => live.delete(child));
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(READY_WITHIN_MS) }).then(
      ([text]) => String(text),
    ),
    exited.then(() => null),
  ]).catch((thrown: unknown) => {
    // Nobody else knows of it yet, so nobody else could end it.
    child.kill('SIGKILL');
    throw new Error(`The headless host did not listen within ${READY_WITHIN_MS / 1000} s: ${stderr}`, {
      cause: thrown,
    });
  });
  if (line === null) throw new Error(`The headless host ended: ${stderr}`);
  const { url, pid } = JSON.parse(line) as { url: string; pid: number };
  const sockets: Socket[] = [];
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = (await exited) as [number | null];
    for (const socket of sockets) socket.disconnect();
    return code;
  };
  return {
    url,
    pid,
    stderr: () => stderr,
    async request<Name extends RouteName>(route: Name, input: RouteInput<Name>) {
      const response = await fetch(`${url}/api/app/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(input),
      });
      return (await response.json()) as Result<RouteOutputs[Name]>;
    },
    async connect() {
      const socket = io(`${url}/chat-run`, { auth: { token: TOKEN }, transports: ['websocket'], reconnection: false });
      sockets.push(socket);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      return socket;
    },
    ended: () => exited.then(([code]) => code as number | null),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}
