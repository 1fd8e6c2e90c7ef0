import Database from 'better-sqlite3';
import { type EventDraft, isTerminalEvent, type LoggedEvent } from '#contract/events';
import { applyRunEvent, emptyRunView } from '#contract/run-view';
import { inputOf } from '../../e2e/fake-upstream/read-request.ts';
import type { RecordedRequest } from '../../e2e/fake-upstream/recorder.ts';
import { dataPaths } from '../platform/paths.ts';
import type { KillClient, SentMessage } from './kill-client.ts';

interface StoredMessage {
  id: string;
  session_id: string;
  run_id: string | null;
  position: number;
  role: string;
  content: string;
  reasoning: string | null;
  status: string;
  finish_reason: string | null;
}

interface StoredRun {
  id: string;
  session_id: string;
  status: string;
  profile: string;
  upstream_run_id: string | null;
  queue_id: string;
  error: string | null;
}

interface StoredItem {
  queue_id: string;
  session_id: string;
  run_id: string;
  position: number;
  input: string;
}

/** What a data directory holds, read by somebody who is not the host. */
export interface StoredWorld {
  integrity: string;
  orphans: number;
  sessions: { id: string; last_seq: number; queue_paused: string | null; message_count: number }[];
  messages: StoredMessage[];
  runs: StoredRun[];
  queue: StoredItem[];
  events: LoggedEvent[];
  /** Runs of booked calls, and of calls that are written down and not booked. */
  booked: (string | null)[];
  open: (string | null)[];
  /** Kinds of spans whose sums are not those of the single calls. */
  wrongSums: number[];
}

export function readWorld(dir: string): StoredWorld {
  const db = new Database(dataPaths(dir).database, { readonly: true, fileMustExist: true });
  try {
    const events = db
      .prepare('select session_id, seq, payload, at_ms from run_events order by session_id, seq')
      .all() as {
      session_id: string;
      seq: number;
      payload: string;
      at_ms: number;
    }[];
    return {
      integrity: String(db.pragma('integrity_check', { simple: true })),
      orphans: (db.pragma('foreign_key_check') as unknown[]).length,
      sessions: db
        .prepare('select id, last_seq, queue_paused, message_count from sessions order by id')
        .all() as StoredWorld['sessions'],
      messages: db
        .prepare(
          'select id, session_id, run_id, position, role, content, reasoning, status, finish_reason from messages order by session_id, position',
        )
        .all() as StoredMessage[],
      runs: db
        .prepare('select id, session_id, status, profile, upstream_run_id, queue_id, error from runs order by id')
        .all() as StoredRun[],
      queue: db
        .prepare('select queue_id, session_id, run_id, position, input from queued_runs order by session_id, position')
        .all() as StoredItem[],
      events: events.map(({ session_id, seq, payload, at_ms }) => ({
        v: 1,
        session_id,
        seq,
        ts: at_ms,
        ...(JSON.parse(payload) as EventDraft),
      })),
      booked: db.prepare('select run_id from usage_calls order by number').pluck().all() as (string | null)[],
      open: db.prepare('select run_id from usage_open_calls order by id').pluck().all() as (string | null)[],
      wrongSums: db
        .prepare(
          `select span_ms from usage_rollups group by span_ms
           having sum(requests) <> (select count(*) from usage_calls)
             or sum(cost_picos) <> (select coalesce(sum(cost_picos), 0) from usage_calls)
             or sum(output_tokens) <> (select coalesce(sum(output_tokens), 0) from usage_calls)`,
        )
        .pluck()
        .all() as number[],
    };
  } finally {
    db.close();
  }
}

/** How often the text of a message reached the upstream, by the first word that names it. */
export function countInputs(requests: readonly RecordedRequest[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of requests) {
    if (request.method !== 'POST' || !/\/v1\/(runs|chat\/completions)$/.test(request.path)) continue;
    const name = inputOf(request.body).split(' ')[0] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const LIVE = new Set(['pending', 'running', 'cancelling']);
const isText = (event: LoggedEvent) => event.event === 'message.delta' || event.event === 'reasoning.delta';

/**
 * What a killed host owes, as sentences about what is missing; empty when it owes nothing.
 *
 * @param isAtRest nothing runs and nothing waits any more; before, a run that lives at its upstream may be live.
 */
export function findViolations(
  world: StoredWorld,
  client: KillClient,
  counts: ReadonlyMap<string, number>,
  isAtRest: boolean,
): string[] {
  return [
    ...(world.integrity === 'ok' ? [] : [`the database is damaged: ${world.integrity}`]),
    ...(world.orphans === 0 ? [] : [`${world.orphans} rows refer to nothing`]),
    ...[...client.sent.values()].flatMap((message) => checkMessage(world, message, counts)),
    ...checkSeen(world, client),
    ...checkLog(world, client),
    ...checkRuns(world, isAtRest),
    ...checkCalls(world, client, counts, isAtRest),
    ...(isAtRest ? checkReplay(world) : []),
  ];
}

/** Each message is in one place and was sent at most once; an acknowledged one is in exactly one. */
function checkMessage(world: StoredWorld, message: SentMessage, counts: ReadonlyMap<string, number>): string[] {
  const name = message.texts[0]?.split(' ')[0] ?? '';
  const run = world.runs.find((row) => row.queue_id === message.queueId && row.session_id === message.sessionId);
  const row =
    run === undefined ? undefined : world.messages.find((one) => one.role === 'user' && one.run_id === run.id);
  const item = world.queue.find((one) => one.queue_id === message.queueId && one.session_id === message.sessionId);
  const isRecord = run !== undefined && row === undefined;
  const places = [row !== undefined, item !== undefined, isRecord].filter(Boolean).length;
  const found: string[] = [];
  if (message.ack !== null && places !== 1) found.push(`${name} was acknowledged and is in ${places} places`);
  if (places > 1) found.push(`${name} is in ${places} places`);
  if (message.ack !== null && run !== undefined && run.id !== message.ack.run_id)
    found.push(`${name} was acknowledged as run ${message.ack.run_id} and is run ${run.id}`);
  if (isRecord && run.status !== 'interrupted' && run.error !== 'Rolled back by user')
    found.push(`${name} has a run that is ${run.status} and no row`);
  if (message.cancelled && !isRecord) found.push(`${name} was taken out of the queue and is back`);
  const text = row?.content ?? (item === undefined ? null : (JSON.parse(item.input) as string));
  if (text !== null && message.texts.indexOf(text) < message.acknowledgedText)
    found.push(`${name} says “${text}” instead of “${message.texts[message.acknowledgedText]}”`);
  const sent = counts.get(name) ?? 0;
  if (sent > 1) found.push(`${name} was sent ${sent} times`);
  if (sent > 0 && (item !== undefined || message.cancelled)) found.push(`${name} was sent and still waits`);
  return found;
}

/** Every character that a subscriber was shown is stored, at its place. */
function checkSeen(world: StoredWorld, client: KillClient): string[] {
  const logged = new Map<string, { text: string; reasoning: string }>();
  for (const event of world.events) {
    if (event.event !== 'message.delta' && event.event !== 'reasoning.delta') continue;
    const known = logged.get(event.message_id) ?? { text: '', reasoning: '' };
    if (event.event === 'message.delta') known.text += event.delta;
    else known.reasoning += event.delta;
    logged.set(event.message_id, known);
  }
  const rows = new Map(world.messages.map((row) => [row.id, row]));
  const live = new Set(world.runs.filter((run) => LIVE.has(run.status)).map((run) => run.session_id));
  const found: string[] = [];
  for (const [id, seen] of client.seen) {
    const inLog = logged.get(id);
    if (inLog?.text.startsWith(seen.text) !== true || !inLog.reasoning.startsWith(seen.reasoning))
      found.push(`row ${id}: ${seen.text.length} characters were seen, ${inLog?.text.length ?? 0} are in the log`);
    const row = rows.get(id);
    if (row === undefined) {
      const isRolledBack = world.events.some(
        (event) => event.event === 'run.rolled_back' && event.message_ids.includes(id),
      );
      if (!isRolledBack && !live.has(seen.sessionId)) found.push(`row ${id} was seen and is gone`);
    } else if (!row.content.startsWith(seen.text) || !(row.reasoning ?? '').startsWith(seen.reasoning)) {
      found.push(`row ${id}: ${seen.text.length} characters were seen, ${row.content.length} are stored`);
    }
  }
  return found;
}

/** The log is whole: places may be missing only where the text of a settled run was joined. What was seen is in it. */
function checkLog(world: StoredWorld, client: KillClient): string[] {
  const found: string[] = [];
  for (const session of world.sessions) {
    const events = world.events.filter((event) => event.session_id === session.id);
    let before: LoggedEvent | null = null;
    for (const event of events) {
      if (event.seq !== (before?.seq ?? 0) + 1 && !(before !== null && isText(before)))
        found.push(`${session.id}: after seq ${before?.seq ?? 0} comes ${event.seq}`);
      before = event;
    }
    if ((before?.seq ?? 0) !== session.last_seq)
      found.push(`${session.id}: the log ends at ${before?.seq ?? 0}, the session says ${session.last_seq}`);
  }
  const names = new Map(world.events.map((event) => [`${event.session_id}/${event.seq}`, event.event]));
  for (const { sessionId, seq, name } of client.events) {
    const stored = names.get(`${sessionId}/${seq}`);
    if (stored !== name) found.push(`${sessionId}/${seq} was seen as ${name} and is ${stored ?? 'gone'}`);
  }
  return found;
}

function checkRuns(world: StoredWorld, isAtRest: boolean): string[] {
  const found: string[] = [];
  for (const run of world.runs) {
    const began = world.events.some((event) => event.event === 'run.peer_user_message' && event.run_id === run.id);
    const ends = world.events.filter((event) => isTerminalEvent(event.event) && event.run_id === run.id).length;
    const isLive = LIVE.has(run.status);
    if (isLive && (isAtRest || run.profile !== 'agent' || run.upstream_run_id === null))
      found.push(`run ${run.id} of “${run.profile}” is still ${run.status}`);
    if (ends !== (began && !isLive ? 1 : 0))
      found.push(`run ${run.id} is ${run.status} and has ${ends} ends (${began ? 'began' : 'never began'})`);
  }
  return found;
}

/** What went out is in the ledger, once; the sums are those of its rows. */
function checkCalls(
  world: StoredWorld,
  client: KillClient,
  counts: ReadonlyMap<string, number>,
  isAtRest: boolean,
): string[] {
  const found = world.wrongSums.map((spanMs) => `the sums over ${spanMs} ms are not those of the calls`);
  for (const message of client.sent.values()) {
    const run = world.runs.find((row) => row.queue_id === message.queueId && row.session_id === message.sessionId);
    if (run === undefined) continue;
    const name = message.texts[0]?.split(' ')[0] ?? '';
    const booked = world.booked.filter((runId) => runId === run.id).length;
    const open = world.open.filter((runId) => runId === run.id).length;
    if (booked + open > 1) found.push(`${name} has ${booked} booked calls and ${open} open ones`);
    if (booked + open < (counts.get(name) ?? 0)) found.push(`${name} was sent and is not in the ledger`);
    if (open > 0 && isAtRest) found.push(`${name} has a call that is never booked`);
  }
  return found;
}

/** Whoever reads the log from its first line sees what the rows say. */
function checkReplay(world: StoredWorld): string[] {
  const found: string[] = [];
  for (const session of world.sessions) {
    const view = world.events
      .filter((event) => event.session_id === session.id)
      .reduce((folded, event) => applyRunEvent(folded, event), emptyRunView(session.id));
    const shown = [...view.settled, ...view.live].map(({ id, role, content, reasoning, status }) =>
      JSON.stringify([id, role, content, reasoning, status]),
    );
    const rows = world.messages.filter((row) => row.session_id === session.id);
    const stored = rows.map(({ id, role, content, reasoning, status }) =>
      JSON.stringify([id, role, content, reasoning, status]),
    );
    const at = Array.from({ length: Math.max(shown.length, stored.length) }).findIndex(
      (_, index) => shown[index] !== stored[index],
    );
    if (at >= 0)
      found.push(`${session.id}: row ${at} is ${stored[at] ?? 'missing'}, the log says ${shown[at] ?? 'nothing'}`);
    if (rows.length !== session.message_count)
      found.push(`${session.id} says that it has ${session.message_count} rows, and has ${rows.length}`);
    const waiting = world.queue.filter((item) => item.session_id === session.id).map((item) => item.queue_id);
    if (view.queue.map((item) => item.id).join() !== waiting.join())
      found.push(
        `${session.id}: the log’s queue is ${view.queue.map((item) => item.id).join()}, the stored one ${waiting.join()}`,
      );
  }
  return found;
}

/** The world as text that a start must not change. Joined text counts as the text that it was. */
export function fingerprint(world: StoredWorld): string {
  const lines: string[] = [];
  for (const event of world.events) {
    const last = lines.length - 1;
    if (event.event === 'message.delta' || event.event === 'reasoning.delta') {
      const head = `${event.session_id} ${event.event} ${event.message_id} `;
      if (lines[last]?.startsWith(head) === true) lines[last] += event.delta;
      else lines.push(head + event.delta);
    } else lines.push(JSON.stringify(event));
  }
  return JSON.stringify({ ...world, events: lines }, null, 1);
}
