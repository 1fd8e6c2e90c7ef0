import type { RunState } from '#contract/records';
import type { Stop } from './chat-store.ts';

/** Their order never changes, so that a habit never hits the wrong one (E4-10). `steer` stands in a menu of its own. */
export type ComposerButton = 'stop' | 'interrupt' | 'queue' | 'send' | 'steer';

export interface ComposerState {
  mode: 'idle' | 'running';
  buttons: ComposerButton[];
  /** Stop was pressed and not yet confirmed. */
  stopping: boolean;
  /** Stop was not confirmed in time: it may be pressed again (E4-09). */
  unconfirmed: boolean;
}

/** What the composer offers. A session with a run is running in every state of that run, stopping included. */
export function composerState(run: { runId: string; state: RunState } | null, stop: Stop | undefined): ComposerState {
  if (run === null) return { mode: 'idle', buttons: ['send'], stopping: false, unconfirmed: false };
  const mine = stop?.runId === run.runId ? stop : undefined;
  const unconfirmed = mine?.released === true;
  return {
    mode: 'running',
    buttons: ['stop', 'interrupt', 'queue'],
    stopping: !unconfirmed && (mine !== undefined || run.state === 'aborting'),
    unconfirmed,
  };
}

export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  /** An input method is composing: its Enter ends a word, not the message. */
  isComposing: boolean;
}

/** What a key in the composer asks for; `null` leaves it to the text field. */
export function keyIntent(key: Key, mode: ComposerState['mode']): ComposerButton | null {
  if (key.isComposing) return null;
  if (key.key === 'Escape') return mode === 'running' ? 'stop' : null;
  if (key.key !== 'Enter' || key.shiftKey) return null;
  if (mode === 'idle') return 'send';
  return key.ctrlKey || key.metaKey ? 'interrupt' : 'queue';
}
