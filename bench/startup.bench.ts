import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMessage } from '#contract/message';
import { systemClock } from '../src-main/platform/clock.ts';
import { dataPaths } from '../src-main/platform/paths.ts';
import { openStore } from '../src-main/store/store.ts';
import { median, round, startAnnounced } from './processes.ts';

// From spawn to the line that says "listening", of the built headless host. The floor is an empty program of the same Node.

const ENTRY = 'out/main/headless.js';
const TIMES = 10;
const LARGE_BYTES = 500 * 1024 * 1024;

async function listeningMs(dir: string): Promise<number> {
  const host = await startAnnounced([ENTRY], { SLUICE_DATA_DIR: dir, SLUICE_PORT: '0' });
  await host.stop();
  return host.readyMs;
}

async function measure(dir: string): Promise<number[]> {
  await listeningMs(dir);
  const samples: number[] = [];
  for (let index = 0; index < TIMES; index++) samples.push(await listeningMs(dir));
  return samples;
}

async function floorMs(): Promise<number> {
  const program = await startAnnounced(['-e', 'process.stdout.write("{}\\n"); setInterval(() => {}, 1000)']);
  await program.stop();
  return program.readyMs;
}

/** Fills a store with conversations of noise until its file has the size. */
async function fill(dir: string): Promise<number> {
  const paths = dataPaths(dir);
  const store = openStore(paths, { clock: systemClock });
  const body = () => randomBytes(1500).toString('base64');
  for (let session = 0; statSync(paths.database).size < LARGE_BYTES; session++) {
    await store.committer.commit(() => {
      const id = `s${session}`;
      store.sessions.insert({
        id,
        title: id,
        title_source: 'auto',
        profile: null,
        model: null,
        workspace: null,
        created_at_ms: session,
        updated_at_ms: session,
      });
      store.messages.append(
        id,
        Array.from({ length: 500 }, (_, index) => ({
          ...emptyMessage({ id: `${id}-${index}`, session_id: id, run_id: null, role: 'user', created_at_ms: index }),
          content: body(),
          status: 'final' as const,
        })),
      );
    });
    store.db.pragma('wal_checkpoint(passive)');
  }
  store.close();
  return statSync(paths.database).size;
}

if (!existsSync(ENTRY)) throw new Error(`${ENTRY} is missing: run "npm run build" first.`);
const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const floors: number[] = [];
  for (let index = 0; index < TIMES; index++) floors.push(await floorMs());
  const empty = await measure(join(dir, 'empty'));
  const largeDir = join(dir, 'large');
  const bytes = await fill(largeDir);
  const large = await measure(largeDir);
  process.stdout.write(
    `${JSON.stringify({
      name: 'startup',
      times: TIMES,
      floorMs: round(median(floors), 0),
      emptyMs: { median: round(median(empty), 0), goal: 400, all: empty.map((ms) => Math.round(ms)) },
      largeMs: {
        median: round(median(large), 0),
        goal: 600,
        storeMb: Math.round(bytes / 1e6),
        all: large.map((ms) => Math.round(ms)),
      },
    })}\n`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
