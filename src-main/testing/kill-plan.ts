import { isTerminalEvent, type LoggedEvent } from '#contract/events';
import type { RunAck } from '#contract/routes';
import {
  answer,
  fail,
  finish,
  reasoning,
  type Script,
  type Step,
  text,
  toolEnd,
  toolStart,
  wait,
  waitForRelease,
} from '../../e2e/fake-upstream/script.ts';
import type { SeededRandom } from './kill-random.ts';

/** The moments of a run at which a host can die with something of it half done. */
export const KILL_PHASES = [
  /** Between the acknowledgement and the first part of the answer. */
  'start',
  'stream',
  /** After a stop was announced. */
  'abort',
  /** Around the end of a run. */
  'settle',
  /** Right after a waiting message was taken from the queue. */
  'dequeue',
] as const;
export type KillPhase = (typeof KILL_PHASES)[number];

export const KILLED_SESSIONS = ['s0', 's1', 's2'] as const;
/** The session in which the moment of the kill is sure to come; the others are there to be in the middle of something. */
export const LEADING_SESSION = KILLED_SESSIONS[0];

/** Holds answers back until the host was killed. */
export const FLOW_GATE = 'flow';
/** Stands right before the end of an answer. */
export const EDGE_GATE = 'edge';

export type PlanStep =
  | {
      do: 'send';
      sessionId: string;
      script: Omit<Script, 'match'>;
      strategy: 'enqueue' | 'interrupt' | 'rollback' | 'reject';
    }
  | { do: 'abort'; sessionId: string }
  /** `index` counts among the messages that were sent; it wraps around. */
  | { do: 'cancel' | 'edit' | 'move' | 'send-now'; index: number }
  | { do: 'resume-queue'; sessionId: string };

/** A step, and how many events are waited for before the next one. */
export interface PlannedStep {
  step: PlanStep;
  events: number;
}

function parts(random: SeededRandom, count: number, everyMs: number): Step[] {
  const steps: Step[] = random.chance(0.5) ? [reasoning('Let me think about it. ')] : [];
  for (let index = 0; index < count; index++) {
    steps.push(text(random.chance(0.2) ? `größe${index} 世界🎉 ` : `part${index} `), wait(everyMs));
  }
  if (random.chance(0.3)) {
    steps.push(toolStart('look', { id: 'call_1', arguments: '{"at":"sea"}' }), toolEnd('look', { id: 'call_1' }));
    steps.push(text('And so it ended.'));
  }
  return steps;
}

function ending(random: SeededRandom): Step {
  return random.chance(0.15) ? fail('The model broke.') : finish({ usage: { input: 3, output: 5 } });
}

/** An answer that ends by itself. */
function brief(random: SeededRandom): Script {
  return { steps: [...parts(random, 1 + random.int(8), 1 + random.int(6)), ending(random)] };
}

/** An answer of about a second. */
function steady(random: SeededRandom): Script {
  return { steps: [...parts(random, 60, 14), waitForRelease(FLOW_GATE), ending(random)] };
}

/** An answer that begins and then waits for the kill. */
function held(random: SeededRandom): Script {
  return {
    steps: [...parts(random, 1 + random.int(6), 2), waitForRelease(FLOW_GATE), text('The rest.'), ending(random)],
    onStop: random.pick(['cancel', 'cancel', 'complete', 'ignore', 'hang'] as const),
    stopDelayMs: random.int(30),
  };
}

function edge(random: SeededRandom): Script {
  return { steps: [...parts(random, 1 + random.int(8), 3), waitForRelease(EDGE_GATE), finish()] };
}

function anyScript(random: SeededRandom): Script {
  const roll = random.next();
  if (roll < 0.45) return brief(random);
  if (roll < 0.7) return held(random);
  if (roll < 0.9) return steady(random);
  return random.chance(0.5)
    ? answer(401, { error: { message: 'Invalid API key', code: 'invalid_api_key' } })
    : answer(400, { error: { message: 'No.', type: 'invalid_request_error' } });
}

function openingOf(phase: KillPhase, random: SeededRandom): Script {
  switch (phase) {
    case 'start': {
      const script = steady(random);
      return random.chance(0.5) ? { ...script, headersGate: FLOW_GATE } : { ...script, slowHeadersMs: random.int(40) };
    }
    case 'stream':
      return steady(random);
    case 'abort':
      return held(random);
    case 'settle':
      return random.chance(0.5) ? edge(random) : brief(random);
    case 'dequeue':
      return brief(random);
  }
}

/** What a drive does, in order. The first steps make sure of the moment of the kill; the others make trouble around it. */
export function planDrive(phase: KillPhase, random: SeededRandom): PlannedStep[] {
  const steps: PlanStep[] = [];
  const send = (sessionId: string, script: Script, strategy: 'enqueue' | 'interrupt' | 'rollback' | 'reject') =>
    steps.push({ do: 'send', sessionId, script, strategy });
  for (const sessionId of KILLED_SESSIONS) send(sessionId, openingOf(phase, random), 'enqueue');
  for (let index = 0; index < 4; index++) send(LEADING_SESSION, brief(random), 'enqueue');
  if (phase === 'abort') for (const sessionId of KILLED_SESSIONS) steps.push({ do: 'abort', sessionId });
  const trouble = 8 + random.int(10);
  for (let index = 0; index < trouble; index++) steps.push(troubleStep(phase, random));
  return steps.map((step, index) => {
    if (phase === 'abort' && index === 6) return { step, events: random.int(16) };
    return { step, events: index < 7 ? random.int(2) : random.int(6) };
  });
}

/** In these phases the leading session is left alone: its own course brings the moment. */
export function isCalm(phase: KillPhase): boolean {
  return phase !== 'abort';
}

function troubleStep(phase: KillPhase, random: SeededRandom): PlanStep {
  // Nothing may stop what leads to the moment of the kill.
  const sessionId = random.pick(isCalm(phase) ? KILLED_SESSIONS.slice(1) : KILLED_SESSIONS);
  const roll = random.next();
  if (roll < 0.5) {
    const strategy = random.pick(['enqueue', 'enqueue', 'enqueue', 'interrupt', 'rollback', 'reject'] as const);
    return { do: 'send', sessionId, script: anyScript(random), strategy };
  }
  if (roll < 0.6) return { do: 'abort', sessionId };
  if (roll < 0.7) return { do: 'edit', index: random.int(40) };
  if (roll < 0.8) return { do: 'move', index: random.int(40) };
  if (roll < 0.9) return { do: 'cancel', index: random.int(40) };
  if (roll < 0.95) return { do: 'send-now', index: random.int(40) };
  return { do: 'resume-queue', sessionId };
}

/**
 * Knows when to kill: at the n-th moment of its phase, and so many events later. Events are counted and not milliseconds,
 * so that the point means the same on every machine.
 */
export class KillTrigger {
  readonly reached: Promise<void>;
  readonly #phase: KillPhase;
  readonly #moment: number;
  readonly #delayEvents: number;
  #seen = 0;
  #left: number | null = null;
  #sessionId: string | null = null;
  #resolve: () => void = () => undefined;
  #description: string | null = null;

  constructor(phase: KillPhase, random: SeededRandom) {
    this.#phase = phase;
    const most = { start: 3, stream: 20, abort: 2, settle: 3, dequeue: 3 }[phase];
    const delays = { start: 3, stream: 1, abort: 3, settle: 3, dequeue: 4 }[phase];
    this.#moment = 1 + random.int(most);
    this.#delayEvents = random.int(delays);
    this.reached = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** What happened last before the kill; null while the moment has not come. */
  get description(): string | null {
    return this.#description;
  }

  acked(ack: RunAck): void {
    if (this.#phase === 'start' && ack.status === 'started') this.#met(`ack ${ack.run_id}`, ack.session_id ?? '');
  }

  heard(event: LoggedEvent): void {
    if (this.#left !== null) {
      const isText = event.event === 'message.delta' || event.event === 'reasoning.delta';
      if (event.session_id !== this.#sessionId) return;
      this.#left--;
      if (this.#left <= 0 || (this.#phase === 'start' && isText)) this.#resolve();
      return;
    }
    if (this.#isMoment(event)) this.#met(`${event.event} ${event.session_id}/${event.seq}`, event.session_id ?? '');
  }

  #isMoment(event: LoggedEvent): boolean {
    switch (this.#phase) {
      case 'start':
        return false;
      case 'stream':
        return event.event === 'message.delta' || event.event === 'reasoning.delta';
      case 'abort':
        return event.event === 'abort.started';
      case 'settle':
        return isTerminalEvent(event.event);
      case 'dequeue':
        return event.event === 'run.queued' && event.dequeued_queue_id !== undefined;
    }
  }

  /**
   * An answer was let go right before its end. No event lies between the upstream's last word and the end that is told, so
   * this one point is a time: storing an end takes a host a few milliseconds, and the last text waits up to 30 for company.
   */
  atEdge(delayMs: number): void {
    if (this.#left !== null) return;
    this.#left = Number.POSITIVE_INFINITY;
    this.#description = `edge + ${delayMs} ms`;
    setTimeout(this.#resolve, delayMs);
  }

  #met(what: string, sessionId: string): void {
    if (this.#left !== null || ++this.#seen < this.#moment) return;
    this.#left = this.#delayEvents;
    this.#sessionId = sessionId;
    this.#description = `${what} + ${this.#delayEvents} events`;
    if (this.#left === 0) this.#resolve();
  }
}
