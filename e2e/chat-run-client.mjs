// A client of the chat-run protocol as a stranger would write it: Socket.IO and docs/chat-run-protocol.md, nothing of the
// project. Talks to a running host, prints what was said, and ends with 1 at the first thing that is not as documented.
//
//   node e2e/chat-run-client.mjs --url http://127.0.0.1:47820 --token <owner's token> [--profile demo] [--transport polling]
//
// SLUICE_URL and SLUICE_TOKEN stand in for the first two. A profile other than the demo is asked for plain answers only;
// they have to last long enough to be stopped.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';

/**
 * @typedef {{ event: string, v: number, session_id: string | null, seq: number, ts: number } & Record<string, any>} Told
 * @typedef {{ name: string, socket: import('socket.io-client').Socket, heard: Told[] }} Client
 */

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: process.env['SLUICE_URL'] ?? '' },
    token: { type: 'string', default: process.env['SLUICE_TOKEN'] ?? '' },
    profile: { type: 'string', default: 'demo' },
    transport: { type: 'string', default: 'websocket' },
  },
});
if (values.url === '' || values.token === '') {
  console.error('Say where the host listens and who you are: --url and --token, or SLUICE_URL and SLUICE_TOKEN.');
  process.exit(2);
}

/** No single step of the demo takes longer. */
const STEP_TIMEOUT_MS = 20_000;
/** Reaches the page as well as the terminal: long payloads are cut, the protocol's own fields come first. */
const LINE_CHARS = 160;

let checks = 0;

class Deviation extends Error {}

/**
 * @param {string} law
 * @param {boolean} holds
 * @param {unknown} [found]
 */
function check(law, holds, found) {
  if (!holds)
    throw new Deviation(`${law}${found === undefined ? '' : ` (found ${JSON.stringify(found)?.slice(0, 500)})`}`);
  checks++;
  console.log(`ok  ${law}`);
}

/** @param {string} mark @param {string} name @param {unknown} payload */
function say(mark, name, payload) {
  console.log(`    ${mark} ${name} ${JSON.stringify(payload ?? null)}`.slice(0, LINE_CHARS));
}

/** @type {import('socket.io-client').Socket[]} */
const opened = [];

/**
 * @param {string} name
 * @param {{ token?: string }} [options]
 * @returns {Promise<Client>}
 */
async function connect(name, { token = values.token } = {}) {
  const socket = io(`${values.url}/chat-run`, {
    auth: { token },
    query: { profile: values.profile },
    transports: [values.transport],
    reconnection: false,
    forceNew: true,
  });
  opened.push(socket);
  /** @type {Client} */
  const client = { name, socket, heard: [] };
  socket.onAny((event, payload) => {
    if (event === 'sessions.changed') return;
    client.heard.push({ ...payload, told: event });
    if (!event.endsWith('.delta')) say(`${name} ←`, event, payload);
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('connect_error', reject);
  });
  return client;
}

/** @param {Client} client @param {string} event @param {Record<string, unknown>} payload */
function emit(client, event, payload) {
  say(`${client.name} →`, event, payload);
  client.socket.emit(event, payload);
}

/** @param {Client} client @param {string} event @param {Record<string, unknown>} payload */
async function ask(client, event, payload) {
  say(`${client.name} →`, event, payload);
  const answer = await client.socket.timeout(STEP_TIMEOUT_MS).emitWithAck(event, payload);
  say(`${client.name} ←`, `(${event})`, answer);
  return answer;
}

/**
 * The first event after `from` that fits; waits for it.
 *
 * @param {Client} client
 * @param {string} law
 * @param {(event: Told) => boolean} fits
 * @param {number} [from]
 * @returns {Promise<Told>}
 */
async function heard(client, law, fits, from = 0) {
  const deadline = Date.now() + STEP_TIMEOUT_MS;
  for (;;) {
    const found = client.heard.slice(from).find(fits);
    if (found !== undefined) return found;
    const left = deadline - Date.now();
    if (left <= 0)
      throw new Deviation(`${law}: nothing came. Heard ${client.heard.map((event) => event.event).join(', ')}`);
    // Resolves with the next event whatever it is, or when the time is over.
    await new Promise((resolve) => {
      const timer = setTimeout(done, left);
      function done() {
        clearTimeout(timer);
        client.socket.offAny(done);
        resolve(undefined);
      }
      client.socket.onAny(done);
    });
  }
}

/** @param {string} event @param {string} [runId] */
const is = (event, runId) => (/** @type {Told} */ told) =>
  told.event === event && (runId === undefined || told['run_id'] === runId);

/** Names in order, a row of parts told once. @param {readonly Told[]} events */
function outline(events) {
  const names = events.map((event) => event.event);
  return names.filter((name, at) => !(name.endsWith('.delta') && names[at - 1] === name)).join(' ');
}

/** @param {Client} client @param {string} sessionId */
const ofSession = (client, sessionId) =>
  client.heard.filter((event) => event.session_id === sessionId && event.seq > 0);

/** @param {readonly Told[]} events @param {string} runId */
const textOf = (events, runId) =>
  events
    .filter(is('message.delta', runId))
    .map((event) => String(event['delta']))
    .join('');

/** The laws that hold for everything that is told. @param {Client} client */
function checkEnvelopes(client) {
  /** @type {Map<string, number>} */
  const last = new Map();
  for (const event of client.heard) {
    if (event['told'] !== event.event) throw new Deviation(`${event['told']} calls itself ${event.event}`);
    if (event.v !== 1 || typeof event.seq !== 'number' || typeof event.ts !== 'number')
      throw new Deviation(`${event.event} lacks v, seq or ts`);
    if (event.session_id === undefined) throw new Deviation(`${event.event} names no session`);
    if (event.seq === 0 || event.session_id === null) continue;
    const before = last.get(event.session_id);
    if (before !== undefined && event.seq !== before + 1)
      throw new Deviation(`${event.event} is ${event.seq}, but ${before} came before it`);
    last.set(event.session_id, event.seq);
  }
  check(`${client.name}: each of ${client.heard.length} events names itself and its session; seq has no gap`, true);
}

const isDemo = values.profile === 'demo';
const slow = isDemo ? '/slow' : 'Write a long answer.';
const short = (/** @type {string} */ text) => (isDemo ? `/echo ${text}` : text);
const long = isDemo ? '/long 300' : 'Write another long answer.';

async function wrongToken() {
  const message = await connect('stranger', { token: 'wrong' }).then(
    () => 'let in',
    (error) => error.message,
  );
  check('a wrong token is refused with “Authentication failed”', message === 'Authentication failed', message);
}

/** @param {Client} client */
async function plainRun(client) {
  const session_id = randomUUID();
  // As an older client says it: no acknowledgement, fields that mean nothing here, nulls for what is not chosen.
  emit(client, 'run', {
    session_id,
    input: short('hello there'),
    source: 'cli',
    model: null,
    queue_id: null,
    instructions: '',
  });
  const done = await heard(
    client,
    'run.completed ends a run',
    (event) => is('run.completed')(event) && event.session_id === session_id,
  );
  const events = ofSession(client, session_id);
  check(
    'a run is told as message, start, text, end',
    outline(events) === 'run.peer_user_message run.started message.delta usage.updated run.completed',
    outline(events),
  );
  const started = events[1];
  check(
    'run.started says status and queue_length',
    typeof started?.['status'] === 'string' && started['queue_length'] === 0,
    started,
  );
  const runId = String(done['run_id']);
  check(
    'output is the text that was streamed',
    textOf(events, runId) === done['output'] && done['output'] !== '',
    done,
  );
  check('usage counts tokens', typeof done['usage']?.input_tokens === 'number', done['usage']);
  check('queue_remaining is 0', done['queue_remaining'] === 0, done);
  const stamp = events.find(is('message.delta'))?.['timestamp'];
  check('timestamp is in seconds', Math.abs(stamp - Date.now() / 1000) < 120, stamp);
}

/** @param {Client} client */
async function queueAndStop(client) {
  const session_id = randomUUID();
  const first = await ask(client, 'run', { session_id, input: slow });
  check(
    'run answers what became of it',
    first.ok && first.data.status === 'started' && first.data.position === 0,
    first,
  );
  await heard(client, 'text comes', is('message.delta', first.data.run_id));
  const second = await ask(client, 'run', { session_id, input: short('second'), queue_id: `${session_id}-2` });
  check(
    'while it runs, a message waits',
    second.ok && second.data.status === 'queued' && second.data.position === 1,
    second,
  );
  await ask(client, 'run', { session_id, input: short('third'), queue_id: `${session_id}-3` });
  const again = await ask(client, 'run', { session_id, input: short('third'), queue_id: `${session_id}-3` });
  check('the same queue_id again is the same run', again.ok && again.data.status === 'duplicate', again);
  const cancelled = await ask(client, 'cancel_queued_run', { session_id, queue_id: `${session_id}-3` });
  check(
    'a waiting message can be taken back',
    cancelled.ok && cancelled.data.removed === 1 && cancelled.data.queue_length === 1,
    cancelled,
  );
  const from = client.heard.length;
  const run_id = first.data.run_id;
  const [stopped, joined] = await Promise.all([
    ask(client, 'abort', { session_id, run_id }),
    ask(client, 'abort', { session_id, run_id }),
  ]);
  check(
    'a stop answers when it is done',
    stopped.ok && stopped.data.status === 'aborted' && stopped.data.run_id === run_id,
    stopped,
  );
  // Where it arrives after the end, it finds nothing of its run, and the next run is none of its business.
  check(
    'a second stop of the same run hits no other one',
    joined.ok && joined.data.run_id === run_id && ['aborted', 'ignored'].includes(joined.data.status),
    joined,
  );
  await heard(client, 'the next message is answered', is('run.completed', second.data.run_id), from);
  const events = client.heard
    .slice(from)
    .filter((event) => event.session_id === session_id && event.seq > 0 && !/\.delta$|^usage/.test(event.event));
  check(
    'a stop is told once, then the dequeue, then the next run',
    outline(events) === 'abort.started abort.completed run.queued run.peer_user_message run.started run.completed',
    outline(events),
  );
  check('abort.started says graceMs', events[0]?.['graceMs'] === 5000, events[0]);
  check('abort.completed counts what waits before the dequeue', events[1]?.['queue_length'] === 1, events[1]);
  check(
    'run.queued names what left the queue',
    events[2]?.['queue_length'] === 0 && events[2]?.['dequeued_queue_id'] === `${session_id}-2`,
    events[2],
  );
  const late = await ask(client, 'cancel_queued_run', { session_id, queue_id: `${session_id}-2` });
  check(
    'what was sent cannot be taken back',
    late.ok && late.data.removed === 0 && late.data.reason === 'already_started',
    late,
  );
  const idle = client.heard.length;
  emit(client, 'abort', { session_id });
  const ignored = await heard(client, 'a stop of nothing is told', is('abort.completed'), idle);
  check('a stop of nothing is ignored', ignored['ignored'] === true && ignored['synced'] === false, ignored);
}

/** @param {Client} witness hears the run without a break. */
async function resumeAfterBreak(witness) {
  const session_id = randomUUID();
  const before = await connect('leaver');
  const ack = await ask(before, 'run', { session_id, input: long });
  await ask(witness, 'resume', { session_id });
  const part = await heard(before, 'text comes', is('message.delta', ack.data.run_id));
  const seen = ofSession(before, session_id).filter((event) => event.seq <= part.seq);
  before.socket.disconnect();
  const after = await connect('returner');
  emit(after, 'resume', { session_id, after_seq: part.seq });
  const resumed = await heard(after, 'resumed comes', is('resumed'));
  check(
    'a resume with a position replays',
    resumed['replayed'] === true && resumed['messages'].length === 0,
    resumed['replayed'],
  );
  const done = await heard(after, 'the run went on without its caller', is('run.completed', ack.data.run_id));
  const whole = [...seen, ...ofSession(after, session_id)];
  check('before and after the break, nothing is missing or twice', textOf(whole, ack.data.run_id) === done['output']);
  check(
    'seq goes on where it stopped',
    whole.every((event, at) => event.seq === at + 1),
    whole.map((event) => event.seq).slice(0, 20),
  );
  await heard(witness, 'the witness hears the end', is('run.completed', ack.data.run_id));
  const state = witness.heard.find((event) => is('resumed')(event) && event.session_id === session_id);
  const told = ofSession(witness, session_id);
  check(
    'another socket hears the same events in the same order',
    JSON.stringify(told) === JSON.stringify(whole.slice(whole.length - told.length)) &&
      told[0]?.seq === (state?.['lastSeq'] ?? 0) + 1,
  );
  emit(after, 'resume', { session_id });
  const full = await heard(after, 'resumed comes', (event) => is('resumed')(event) && event['replayed'] === false);
  for (const [field, type] of Object.entries({
    isWorking: 'boolean',
    isAborting: 'boolean',
    state: 'string',
    queueLength: 'number',
    hasMoreBefore: 'boolean',
    messageTotal: 'number',
    lastSeq: 'number',
  })) {
    if (typeof full[field] !== type) throw new Deviation(`resumed.${field} is no ${type}`);
  }
  check(
    'resumed holds the conversation',
    full['isWorking'] === false && full['messages'].length === 2 && full['messages'][1].content === done['output'],
  );
  emit(after, 'resume', { session_id, after_seq: 1_000_000 });
  await heard(after, 'a position that never was is a gap', is('gap'));
  check('a position that never was is a gap', true);
  checkEnvelopes(before);
  after.socket.disconnect();
}

/** @param {Client} client @param {Client} witness */
async function oneShot(client, witness) {
  const from = client.heard.length;
  const others = witness.heard.length;
  const ack = await ask(client, 'run', { input: short('only for me') });
  check('a run without a session starts', ack.ok && ack.data.session_id === null, ack);
  await heard(client, 'it ends', is('run.completed', ack.data.run_id));
  const events = client.heard.slice(from);
  check(
    'it is told with a null session',
    events.every((event) => event.session_id === null),
    outline(events),
  );
  check('nobody else hears of it', witness.heard.length === others, outline(witness.heard.slice(others)));
}

/** @param {Client} client */
async function failureAndApproval(client) {
  const session_id = randomUUID();
  emit(client, 'run', { session_id, input: '/fail cut' });
  const failed = await heard(
    client,
    'run.failed ends it',
    (event) => is('run.failed')(event) && event.session_id === session_id,
  );
  check('a failure is a sentence', typeof failed['error'] === 'string' && failed['queue_remaining'] === 0, failed);
  check('its code stands beside it', failed['error_info']?.code === 'upstream_lost', failed['error_info']);
  emit(client, 'run', { session_id, input: '/approve' });
  const asked = await heard(client, 'approval.requested comes', is('approval.requested'));
  check(
    'a request for approval says what for',
    typeof asked['command'] === 'string' && asked['choices'].includes('deny'),
    asked,
  );
  emit(client, 'approval.respond', { session_id, approval_id: asked['approval_id'], choice: 'once' });
  const responded = await heard(client, 'approval.responded comes', is('approval.responded'));
  check('the answer to it was taken', responded['resolved'] === 1 && responded['choice'] === 'once', responded);
  await heard(client, 'everybody hears of it', is('approval.resolved', asked['run_id']));
  await heard(client, 'the run goes on to its end', is('run.completed', asked['run_id']));
  check('after the approval the run goes on', true);
}

/** @param {Client} client */
async function refusals(client) {
  const from = client.heard.length;
  const refused = await ask(client, 'run', { session_id: randomUUID(), input: '' });
  check(
    'an empty message is refused with a code and a sentence',
    refused.ok === false && refused.error.code === 'invalid_payload',
    refused,
  );
  emit(client, 'run', { session_id: randomUUID(), input: 'a', profile: 'no such profile' });
  const told = await heard(client, 'a refusal without acknowledgement is told', is('request.failed'), from);
  check('it names the route and the code', told['route'] === 'chat.run' && told['error'].code === 'not_found', told);
  const ended = await heard(client, 'and told as a failure, for who waits for one', is('run.failed'), from);
  check('that failure belongs to no run', ended['refused'] === true && ended['run_id'] === undefined, ended);
  const unknown = await ask(client, 'no_such_event', {});
  check('an unknown event is answered', unknown.ok === false && unknown.error.code === 'unknown_route', unknown);
  const silent = client.heard.length;
  emit(client, 'cancel_queued_run', {});
  await ask(client, 'unsubscribe', { session_id: randomUUID() });
  check('an incomplete cancellation is silent', client.heard.length === silent, outline(client.heard.slice(silent)));
}

try {
  await wrongToken();
  const client = await connect('client');
  const witness = await connect('witness');
  await plainRun(client);
  await queueAndStop(client);
  await resumeAfterBreak(witness);
  await oneShot(client, witness);
  if (isDemo) await failureAndApproval(client);
  await refusals(client);
  checkEnvelopes(client);
  checkEnvelopes(witness);
  console.log(`${checks} checks passed`);
} catch (error) {
  console.error(error instanceof Deviation ? `DEVIATION  ${error.message}` : error);
  process.exitCode = 1;
} finally {
  for (const socket of opened) socket.disconnect();
}
