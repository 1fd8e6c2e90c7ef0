import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { EventDraft } from '#contract/events';
import { systemClock } from '../src-main/platform/clock.ts';
import { dataPaths, ensureDataDir } from '../src-main/platform/paths.ts';
import { RunLog } from '../src-main/runs/run-log.ts';
import { ReadClient } from '../src-main/store/read-client.ts';
import { openStore } from '../src-main/store/store.ts';
import { checkpointInWorker } from '../src-main/store/wal-checkpointer.ts';
import { median, percentile, round } from './processes.ts';
import { seedSession } from './seed.ts';

// The log by itself: how many events a second it takes, each stored before a subscriber that writes it as JSON hears of it,
// and how long one takes from append to subscriber. Callers and log share a process, as runs and log do. The floor is the
// same rows put into the same table by plain statements in that process, in transactions of as many rows.

const SESSIONS = 64;
const SUSTAINED_MS = 10_000;
const PACED_PER_SECOND = 5000;
const PACED_MS = 5000;
const FLOOR_ROUNDS = 5;
const FLOOR_MS = 1000;
const FLOOR_PACED_MS = 3000;
const GOALS = { eventsPerSecond: 20_000, notifyP99Ms: 2 };

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined, flush: () => undefined };
const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
ensureDataDir(dir);
const paths = dataPaths(dir);
const store = openStore(paths, { clock: systemClock });
const reads = new ReadClient(new URL('../src-main/store/read-worker.ts', import.meta.url), paths.database);
checkpointInWorker(store, reads, `${paths.database}-wal`, silent);
const log = new RunLog({
  committer: store.committer,
  events: store.events,
  sessions: store.sessions,
  clock: systemClock,
  logger: silent,
});

const draftOf = (session: number, index: number, atMs: number): EventDraft => ({
  event: 'message.delta',
  run_id: `run-${session}`,
  message_id: `message-${session}`,
  delta: `part ${index} of an answer. `,
  timestamp: atMs,
});

/** What the subscriber heard, and when a part was appended, by the part's own stamp. */
const heard = { events: 0, bytes: 0 };
const delaysMs: number[] = [];
let isTimed = false;
log.subscribe((event) => {
  heard.events++;
  heard.bytes += JSON.stringify(event).length;
  if (isTimed && event.event === 'message.delta') delaysMs.push(performance.now() - event.timestamp);
});

/** Every session has one event under way at any time, as a stream has. */
async function sustained() {
  heard.events = 0;
  const cpuBefore = process.threadCpuUsage();
  const startMs = performance.now();
  const endMs = startMs + SUSTAINED_MS;
  const bySecond: number[] = [];
  const watch = setInterval(() => bySecond.push(heard.events), 1000);
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      for (let index = 0; performance.now() < endMs; index++) {
        await log.append(`s${session}`, [draftOf(session, index, performance.now())]);
      }
    }),
  );
  clearInterval(watch);
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = process.threadCpuUsage(cpuBefore);
  const each = bySecond.map((count, index) => count - (bySecond[index - 1] ?? 0));
  return {
    perSecond: Math.round(heard.events / seconds),
    slowestSecond: Math.min(...each),
    events: heard.events,
    cpuMicrosecondsEach: round((cpu.user + cpu.system) / heard.events, 1),
  };
}

/** Calls `append` at a steady rate: every millisecond what is due by then. @returns how many a second it came to. */
async function atRate(forMs: number, append: (index: number) => void): Promise<number> {
  const startMs = performance.now();
  const total = (PACED_PER_SECOND * forMs) / 1000;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * PACED_PER_SECOND));
    for (; sent < due; sent++) append(sent);
    await sleep(1);
  }
  return Math.round(total / ((performance.now() - startMs) / 1000));
}

const delayFigures = (samples: readonly number[]) => ({
  p50: round(percentile(samples, 0.5), 3),
  p99: round(percentile(samples, 0.99), 3),
  max: round(Math.max(...samples), 2),
});

/** At a steady rate, each event appended by itself. */
async function paced() {
  isTimed = true;
  const underWay: Promise<void>[] = [];
  const perSecond = await atRate(PACED_MS, (index) => {
    const session = index % SESSIONS;
    underWay.push(log.append(`s${session}`, [draftOf(session, index, performance.now())]));
  });
  await Promise.all(underWay);
  isTimed = false;
  return { perSecond, events: delaysMs.length, ...delayFigures(delaysMs) };
}

/** The same table with the same indexes, empty: no seq to take, no fold, nobody to tell. */
function floorTable() {
  const shapes = store.db
    .prepare("select sql from sqlite_master where tbl_name = 'run_events' and sql is not null order by type desc")
    .pluck()
    .all() as string[];
  for (const shape of shapes) store.db.exec(shape.replaceAll('run_events', 'floor_events'));
  const insert = store.db.prepare(
    'insert into floor_events (session_id, seq, run_id, event, payload, rolled_back, at_ms) values (?, ?, ?, ?, ?, 0, ?)',
  );
  let seq = 0;
  return {
    insertRow(draft: EventDraft) {
      const session = seq++ % SESSIONS;
      insert.run(`s${session}`, seq, `run-${session}`, draft.event, JSON.stringify(draft), Date.now());
    },
    get rows() {
      return seq;
    },
  };
}

async function floorSustained(table: ReturnType<typeof floorTable>, rowsATransaction: number) {
  const rounds: number[] = [];
  const cpuBefore = process.threadCpuUsage();
  const first = table.rows;
  for (let times = 0; times < FLOOR_ROUNDS; times++) {
    const startMs = performance.now();
    const before = table.rows;
    while (performance.now() - startMs < FLOOR_MS) {
      store.db.exec('begin immediate');
      for (let row = 0; row < rowsATransaction; row++) table.insertRow(draftOf(0, row, performance.now()));
      store.db.exec('commit');
      // As the log does: one transaction a turn of the loop.
      await nextTurn();
    }
    rounds.push((table.rows - before) / ((performance.now() - startMs) / 1000));
  }
  const cpu = process.threadCpuUsage(cpuBefore);
  return {
    perSecond: Math.round(median(rounds) ?? 0),
    cpuMicrosecondsEach: round((cpu.user + cpu.system) / (table.rows - first), 1),
    rowsATransaction,
  };
}

/** The same rate into the plain table, one transaction for what came in a turn. */
async function floorPaced(table: ReturnType<typeof floorTable>) {
  const samples: number[] = [];
  let waiting: { draft: EventDraft; atMs: number }[] = [];
  const perSecond = await atRate(FLOOR_PACED_MS, (index) => {
    waiting.push({ draft: draftOf(0, index, performance.now()), atMs: performance.now() });
    if (waiting.length > 1) return;
    setImmediate(() => {
      const batch = waiting;
      waiting = [];
      store.db.exec('begin immediate');
      for (const { draft } of batch) table.insertRow(draft);
      store.db.exec('commit');
      for (const { atMs } of batch) samples.push(performance.now() - atMs);
    });
  });
  await nextTurn();
  return { perSecond, ...delayFigures(samples) };
}

try {
  for (let session = 0; session < SESSIONS; session++) {
    await seedSession(store, `s${session}`);
    await log.append(`s${session}`, [draftOf(session, -1, 0)]);
  }
  const many = await sustained();
  await reads.ask('checkpoint', {});
  await sleep(500);
  const one = await paced();
  const table = floorTable();
  const plain = await floorSustained(table, SESSIONS);
  await reads.ask('checkpoint', {});
  await sleep(500);
  const plainPaced = await floorPaced(table);
  process.stdout.write(
    `${JSON.stringify({
      name: 'run-log',
      goals: GOALS,
      sessions: SESSIONS,
      sustained: { ...many, seconds: SUSTAINED_MS / 1000, met: many.perSecond >= GOALS.eventsPerSecond },
      appendToNotifyMs: {
        ...one,
        met: (one.p99 ?? Number.POSITIVE_INFINITY) <= GOALS.notifyP99Ms && one.perSecond >= 0.99 * PACED_PER_SECOND,
      },
      floor: { sustained: plain, appendToCommitMs: plainPaced },
      ratioToFloor: round(many.perSecond / plain.perSecond),
    })}\n`,
  );
} finally {
  await reads.close();
  store.close();
  rmSync(dir, { recursive: true, force: true });
}
