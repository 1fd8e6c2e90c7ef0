import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A child of a bench that announced itself with a first JSON line on stdout. Whoever started it ends it. */
export interface Announced<T> {
  child: ChildProcess;
  hello: T;
  /** Milliseconds from spawn to the line. */
  readyMs: number;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;

/** Starts a program with this Node and waits for its first line. @throws when it ends or stays silent for 20 s. */
export async function startAnnounced<T>(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Announced<T>> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  const [line] = (await Promise.race([
    once(lines, 'line', { signal: late }),
    once(child, 'exit', { signal: late }).then(() => {
      throw new Error(`${args.join(' ')} ended before it was ready`);
    }),
  ])) as [string];
  const readyMs = performance.now() - startedMs;
  return { child, hello: JSON.parse(line) as T, readyMs, stop };
}

/** The value below which a share of the samples lies; null without samples. */
export function percentile(samples: readonly number[], share: number): number | null {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

export function median(samples: readonly number[]): number | null {
  return percentile(samples, 0.5);
}

export function round(value: number | null, digits = 2): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
