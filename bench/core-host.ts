import { monitorEventLoopDelay } from 'node:perf_hooks';
import { queryObjects } from 'node:v8';
import { compose } from '../src-main/compose.ts';
import { SessionActor } from '../src-main/runs/session-actor.ts';

// The core in a process of its own, measured from inside: loop delay and memory. Its parent asks by message.

const delay = monitorEventLoopDelay({ resolution: 1 });

const core = await compose({
  host: 'headless',
  dataDir: process.env['SLUICE_DATA_DIR'] ?? '',
  version: 'bench',
  capabilities: { cipher: null },
  loopback: { token: 'bench', port: 0, anyPortWhenTaken: false, rendererDir: null },
  readWorkerUrl: new URL('../src-main/store/read-worker.ts', import.meta.url),
  tokenWorkerUrl: new URL('../src-main/compressor/token-worker.ts', import.meta.url),
  dataWorkerUrl: new URL('../src-main/data/data-worker.ts', import.meta.url),
});
await core.start();

process.on('message', (message: string) => {
  // Measured from the first `reset` on: a timer each millisecond costs what others measure.
  if (message === 'reset') {
    delay.enable();
    delay.reset();
  }
  if (message === 'gc') globalThis.gc?.();
  // Counted in the heap, after a collection: what is found is what something still holds.
  const actors = message === 'actors' ? queryObjects(SessionActor, { format: 'count' }) : null;
  const { heapUsed, rss, external } = process.memoryUsage();
  const cpu = process.cpuUsage();
  process.send?.({
    loopP99Ms: delay.percentile(99) / 1e6,
    loopMaxMs: delay.max / 1e6,
    heapMb: heapUsed / 1e6,
    externalMb: external / 1e6,
    rssMb: rss / 1e6,
    cpuMs: (cpu.user + cpu.system) / 1000,
    actors,
  });
});
process.on('SIGTERM', () => {
  void core.stop('signal').then(() => process.exit(0));
});
process.stdout.write(`${JSON.stringify({ url: core.url })}\n`);
