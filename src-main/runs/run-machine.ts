import { assertNever } from '#contract/assert-never';

/** Where a session's actor stands. Every state but `idle` owns exactly one run. */
export const ACTOR_STATES = [
  'idle',
  'preparing',
  'compressing',
  'starting',
  'running',
  'aborting',
  'settling',
] as const;
export type ActorState = (typeof ACTOR_STATES)[number];

/** What can happen to a session. */
export const ACTOR_EVENTS = [
  /** A person sends a message. */
  'submit',
  /** The run needs its history compressed first. */
  'compress',
  'compressed',
  /** The request is ready to go out. */
  'prepared',
  /** The upstream accepted the run. */
  'accepted',
  /** The run has its outcome, whatever it is. */
  'ended',
  'abort',
  /** The settling transaction took the head of the queue with it. */
  'settled-next',
  'settled-idle',
] as const;
export type ActorEvent = (typeof ACTOR_EVENTS)[number];

/** What the actor has to do about it. */
export type ActorAction =
  | 'start'
  | 'enqueue'
  | 'stop'
  /** A stop is under way: the caller gets the same answer. */
  | 'join-stop'
  /** There is nothing to stop, or its end is already decided. */
  | 'ignore-stop'
  | 'settle'
  | 'none';

export type Transition = { ok: true; state: ActorState; action: ActorAction } | { ok: false; refusal: string };

function to(state: ActorState, action: ActorAction = 'none'): Transition {
  return { ok: true, state, action };
}

/**
 * The one place that decides what an event does in a state. Pure and total: a pair that cannot happen is refused by name
 * and the actor reports it as a bug, instead of ending up somewhere.
 */
export function transition(state: ActorState, event: ActorEvent): Transition {
  const refused: Transition = { ok: false, refusal: `"${event}" cannot happen in "${state}"` };
  switch (event) {
    case 'submit':
      return state === 'idle' ? to('preparing', 'start') : to(state, 'enqueue');
    case 'abort':
      switch (state) {
        case 'idle':
        case 'settling':
          return to(state, 'ignore-stop');
        case 'aborting':
          return to(state, 'join-stop');
        case 'preparing':
        case 'compressing':
        case 'starting':
        case 'running':
          return to('aborting', 'stop');
        default:
          return assertNever(state);
      }
    case 'compress':
      // A stop that overtook the executor wins: its news is heard and changes nothing.
      return state === 'preparing' ? to('compressing') : state === 'aborting' ? to(state) : refused;
    case 'compressed':
      return state === 'compressing' ? to('preparing') : state === 'aborting' ? to(state) : refused;
    case 'prepared':
      return state === 'preparing' ? to('starting') : state === 'aborting' ? to(state) : refused;
    case 'accepted':
      return state === 'starting' ? to('running') : state === 'aborting' ? to(state) : refused;
    case 'ended':
      switch (state) {
        case 'preparing':
        case 'compressing':
        case 'starting':
        case 'running':
        case 'aborting':
          return to('settling', 'settle');
        case 'idle':
        case 'settling':
          return refused;
        default:
          return assertNever(state);
      }
    case 'settled-next':
      return state === 'settling' ? to('preparing', 'start') : refused;
    case 'settled-idle':
      return state === 'settling' ? to('idle') : refused;
    default:
      return assertNever(event);
  }
}

/** What whoever sends a message wants of an answer that is being made. */
export type Strategy = 'enqueue' | 'interrupt' | 'reject' | 'rollback' | 'steer';

/**
 * What a message does while a run is live. A new version of a turn cannot wait behind answers to the old one: it takes the
 * place of what runs. `steer` comes here only when the running answer took nothing: then the message waits like any other.
 *
 * @param isNewVersion the message takes the place of an earlier one.
 */
export function strategyWhileBusy(wish: Strategy, isNewVersion: boolean): Exclude<Strategy, 'steer'> {
  if (wish !== 'enqueue' && wish !== 'steer') return wish;
  return isNewVersion ? 'interrupt' : 'enqueue';
}
