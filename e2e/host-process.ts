import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 20_000;

/** A running headless host: the built entry as its own process. */
export interface HostProcess {
  url: string;
  pid: number;
  /** Everything it wrote to stderr so far. */
  stderr(): string;
  /** True while the process lives. */
  isAlive(): boolean;
  /** Asks it to end and waits; its exit code. A host that does not listen is killed and reported by an exception. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Rejects when `promise` has not settled after `timeoutMs`. */
async function within<T>(promise: Promise<T>, timeoutMs: number, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message())), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first line of a stream. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The host ended at once (${signal ?? code}).`)));
  });
}

function readListening(line: string): { url: string; pid: number } {
  const value: unknown = JSON.parse(line);
  if (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    'pid' in value &&
    typeof value.url === 'string' &&
    typeof value.pid === 'number'
  ) {
    return { url: value.url, pid: value.pid };
  }
  throw new Error(`The host's first line is no listening line: ${line}`);
}

/**
 * Starts `out/main/headless.js` and waits for its first line. The caller owns it and ends it with `stop` or `kill`.
 *
 * @throws with the host's stderr when it does not listen in time.
 */
export async function startHeadless(options: {
  node: string;
  dataDir: string;
  token: string;
  /** 0 for any. */
  port: number;
  env?: Record<string, string>;
}): Promise<HostProcess> {
  const child = spawn(options.node, [join(ROOT, 'out', 'main', 'headless.js')], {
    cwd: options.dataDir,
    env: {
      ...process.env,
      ...options.env,
      SLUICE_DATA_DIR: options.dataDir,
      SLUICE_PORT: String(options.port),
      SLUICE_TOKEN: options.token,
      // The keyring of whoever runs the tests is none of their business.
      SLUICE_KEYRING: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, 'exit');
  // Awaited by whoever ends it; a host that cannot be spawned is reported by firstLine.
  ended.catch(() => undefined);
  let listening: { url: string; pid: number };
  try {
    const line = await within(firstLine(child), START_TIMEOUT_MS, () => 'The host did not say that it listens.');
    listening = readListening(line);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`The headless host did not start. Its stderr:\n${stderr}`, { cause: error });
  }
  return {
    ...listening,
    stderr: () => stderr,
    isAlive: () => !hasEnded(child),
    async stop() {
      if (!hasEnded(child)) {
        child.kill('SIGTERM');
        try {
          await within(ended, STOP_TIMEOUT_MS, () => `The host did not end after SIGTERM. Its stderr:\n${stderr}`);
        } finally {
          child.kill('SIGKILL');
        }
      }
      return child.exitCode;
    },
    async kill() {
      if (hasEnded(child)) return;
      process.kill(listening.pid, 'SIGKILL');
      if (listening.pid !== child.pid) child.kill('SIGKILL');
      await within(ended, STOP_TIMEOUT_MS, () => 'The host is still there after SIGKILL.');
    },
  };
}
