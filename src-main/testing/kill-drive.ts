import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { reasoning, text } from '../../e2e/fake-upstream/script.ts';
import { type HeadlessProcess, startHeadlessProcess } from './headless-process.ts';
import { KillClient, type SentMessage } from './kill-client.ts';
import { countInputs, findViolations, fingerprint, readWorld } from './kill-laws.ts';
import {
  EDGE_GATE,
  FLOW_GATE,
  isCalm,
  KILLED_SESSIONS,
  type KillPhase,
  KillTrigger,
  LEADING_SESSION,
  type PlanStep,
  planDrive,
} from './kill-plan.ts';
import { SeededRandom } from './kill-random.ts';

/** How a drive went. `violations` is empty when the host owed nothing. */
export interface KillReport {
  seed: number;
  phase: KillPhase;
  /** The process that was killed. */
  pid: number;
  /** What had happened last, by events; null when the moment never came, which is a violation of its own. */
  moment: string | null;
  acknowledged: number;
  seenCharacters: number;
  violations: string[];
  seconds: number;
}

/** Longest wait between two steps, when no event comes. */
const STEP_WAIT_MS = 25;
/** Once the plan is played, the moment comes within this or never. */
const MOMENT_WITHIN_MS = 20_000;
/** How long a restarted host may take to answer everything that waited. */
const REST_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;
const MOST_EDGE_DELAY_MS = 50;

function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs));
}

/**
 * Starts a host, gives it a seeded load, kills it at a seeded moment of one phase, starts it again on the same data and
 * asks for everything that it owes. The same seed and phase give the same plan; the network keeps some freedom.
 *
 * @param dir an empty folder; the caller owns it.
 */
export async function driveKill(options: { seed: number; phase: KillPhase; dir: string }): Promise<KillReport> {
  const { seed, phase, dir } = options;
  const startedMs = performance.now();
  const random = new SeededRandom(seed);
  const fake = await FakeUpstream.start();
  const hosts: HeadlessProcess[] = [];
  const open = async (): Promise<HeadlessProcess> => {
    const host = await startHeadlessProcess(dir);
    hosts.push(host);
    return host;
  };
  try {
    const host = await open();
    await host.request('profiles.create', { name: 'chat', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
    await host.request('profiles.create', { name: 'agent', kind: 'hermes', baseUrl: fake.url });
    const client = new KillClient(await host.connect());
    const trigger = new KillTrigger(phase, random);
    await playUntilKill({ seed, phase, random, fake, client, trigger, host });
    fake.release(FLOW_GATE);
    fake.release(EDGE_GATE);
    fake.setDefault([reasoning('Again. '), text('An answer after the restart.')]);

    const violations = [...client.problems];
    if (trigger.description === null) violations.push(`no moment of the phase “${phase}” came`);
    const again = await open();
    violations.push(...findViolations(readWorld(dir), client, countInputs(fake.requests), false));
    violations.push(...(await answerEverything(again, dir, fake)));
    violations.push(...findViolations(readWorld(dir), client, countInputs(fake.requests), true));
    violations.push(...(await checkSearch(again, dir)));

    const before = fingerprint(readWorld(dir));
    if (random.chance(0.5)) await again.kill();
    else await again.stop();
    const third = await open();
    if (fingerprint(readWorld(dir)) !== before) violations.push('a second restart changed what is stored');
    await third.kill();
    return {
      seed,
      phase,
      pid: host.pid,
      moment: trigger.description,
      acknowledged: [...client.sent.values()].filter((message) => message.ack !== null).length,
      seenCharacters: [...client.seen.values()].reduce((sum, row) => sum + row.text.length + row.reasoning.length, 0),
      violations,
      seconds: Math.round(performance.now() - startedMs) / 1000,
    };
  } finally {
    await Promise.all(hosts.map((host) => host.kill()));
    await fake.close();
  }
}

interface Drive {
  seed: number;
  phase: KillPhase;
  random: SeededRandom;
  fake: FakeUpstream;
  client: KillClient;
  trigger: KillTrigger;
  host: HeadlessProcess;
}

async function playUntilKill(drive: Drive): Promise<void> {
  const { phase, random, fake, client, trigger, host } = drive;
  let isDead = false;
  let wake: () => void = () => undefined;
  client.onEvent = (event) => {
    trigger.heard(event);
    wake();
  };
  client.onAck = (ack) => trigger.acked(ack);
  const edgeDelayMs = random.int(MOST_EDGE_DELAY_MS);
  void fake.gates.reached(EDGE_GATE).then(() => {
    fake.release(EDGE_GATE);
    if (phase === 'settle') trigger.atEdge(edgeDelayMs);
  });
  const killed = trigger.reached.then(async () => {
    isDead = true;
    wake();
    await host.kill();
  });
  const profiles = KILLED_SESSIONS.map(() => random.pick(['chat', 'agent']));
  for (const [number, { step, events }] of planDrive(phase, random).entries()) {
    if (isDead) break;
    void perform(step, number, drive, profiles);
    for (let left = events; left > 0 && !isDead; left--) {
      await Promise.race([pause(STEP_WAIT_MS), new Promise<void>((resolve) => (wake = resolve))]);
    }
  }
  await Promise.race([killed, pause(MOMENT_WITHIN_MS)]);
  // The moment came, but not so many events after it; or it never came, and the report says so.
  await host.kill();
}

async function perform(step: PlanStep, number: number, drive: Drive, profiles: readonly string[]): Promise<void> {
  const { client, fake, seed, phase } = drive;
  const messageAt = (index: number, spared: string | null): SentMessage | undefined => {
    const all = [...client.sent.values()].filter((message) => message.sessionId !== spared);
    return all[index % Math.max(1, all.length)];
  };
  switch (step.do) {
    case 'send': {
      // The first word names the message wherever it turns up: in a row, in the search, at the upstream.
      const name = `ask${seed}x${number}`;
      fake.next({ ...step.script, match: `${name} ` });
      await client.send({
        queueId: `q${number}`,
        sessionId: step.sessionId,
        text: `${name} and nothing else`,
        profile: profiles[KILLED_SESSIONS.findIndex((id) => id === step.sessionId)] ?? 'chat',
        strategy: step.strategy,
      });
      return;
    }
    case 'abort':
      await client.ask('abort', { session_id: step.sessionId });
      return;
    case 'resume-queue':
      await client.ask('queue_resume', { session_id: step.sessionId });
      return;
    case 'cancel':
    case 'edit':
    case 'move':
    case 'send-now': {
      const isHarmless = step.do === 'edit' || step.do === 'move' || !isCalm(phase);
      const message = messageAt(step.index, isHarmless ? null : LEADING_SESSION);
      if (message === undefined) return;
      const target = { session_id: message.sessionId, queue_id: message.queueId };
      if (step.do === 'cancel') await client.cancel(message);
      else if (step.do === 'edit') await client.edit(message, `${message.texts[0]} but changed ${number}`);
      else if (step.do === 'move') await client.ask('queue_move', { ...target, position: step.index % 3 });
      else await client.ask('queue_send_now', target);
      return;
    }
  }
}

/** Lets every queue go on, as a person would, until nothing runs and nothing waits. Each message is answered once. */
async function answerEverything(host: HeadlessProcess, dir: string, fake: FakeUpstream): Promise<string[]> {
  const violations: string[] = [];
  const waiting = readWorld(dir).queue;
  const first = readWorld(dir).sessions;
  for (const item of waiting) {
    if (first.find((session) => session.id === item.session_id)?.queue_paused == null)
      violations.push(`the queue of ${item.session_id} goes on by itself after a restart`);
  }
  const untilMs = performance.now() + REST_WITHIN_MS;
  let isAtRest = false;
  while (!isAtRest && performance.now() < untilMs) {
    isAtRest = true;
    for (const { id } of first) {
      const state = await host.request('chat.resume', { session_id: id });
      if (!state.ok) throw new Error(`${id} cannot be read: ${state.error.message}`);
      const { isWorking, queueLength, queuePaused } = state.data;
      if (isWorking || queueLength > 0) isAtRest = false;
      if (queueLength > 0 && queuePaused !== null) await host.request('chat.queue_resume', { session_id: id });
    }
    if (!isAtRest) await pause(LOOK_EVERY_MS);
  }
  if (!isAtRest) violations.push(`nothing came to rest within ${REST_WITHIN_MS / 1000} s`);
  const counts = countInputs(fake.requests);
  for (const item of waiting) {
    const name = (JSON.parse(item.input) as string).split(' ')[0] ?? '';
    if (counts.get(name) !== 1) violations.push(`${name} waited and was sent ${counts.get(name) ?? 0} times`);
  }
  return violations;
}

/** What is stored can be found: each message by the word that names it. */
async function checkSearch(host: HeadlessProcess, dir: string): Promise<string[]> {
  const violations: string[] = [];
  for (const row of readWorld(dir).messages.filter((message) => message.role === 'user')) {
    const name = row.content.split(' ')[0] ?? '';
    const found = await host.request('sessions.search', { query: `${name} and` });
    if (!found.ok || !found.data.hits.some((hit) => hit.messageId === row.id)) violations.push(`${name} is not found`);
  }
  const answer = readWorld(dir).messages.findLast((row) => row.role === 'assistant' && row.content.trim() !== '');
  if (answer !== undefined) {
    const word = /\p{L}+/u.exec(answer.content)?.[0] ?? '';
    const found = await host.request('sessions.search', { query: word, limit: 200 });
    if (!found.ok || !found.data.hits.some((hit) => hit.messageId === answer.id))
      violations.push(`the answer ${answer.id} is not found by “${word}”`);
  }
  return violations;
}
