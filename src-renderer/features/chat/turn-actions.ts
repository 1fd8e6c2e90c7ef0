import { createContext, type ReactNode, useContext } from 'react';
import type { UserAction } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { Choice } from './kept-choice.ts';

/** What can be done with what was said. One identity for the life of a conversation, so that nothing is drawn again. */
export interface TurnActions {
  /** Another answer to the same message, by whoever answered or by somebody else. */
  retry: (runId: string, choice?: Choice) => void;
  goOn: () => void;
  remedy: (remedy: UserAction, turn: { runId: string | null; text: string }) => void;
  /** A new conversation that holds everything up to this message. */
  fork: (messageId: string) => void;
  /** Has a message always sent word for word, or not any more. */
  pin: (messageId: string, pinned: boolean) => void;
  /** Deletes the turn of a message for good. */
  remove: (messageId: string) => void;
  /** Puts text into the composer as a quotation. */
  quote: (text: string) => void;
  /** Puts earlier messages back in the place of those that stand there. */
  switchVersion: (versionId: string) => void;
}

/** Draws a field for another key of a profile; `onMended` once there is one. */
export type MendKey = (slot: { profile: string; onMended: () => void }) => ReactNode;

export interface TurnPlace {
  sessionId: string;
  mendKey: MendKey;
  profiles: readonly ProfileRecord[];
  actions: TurnActions;
}

export const TurnContext = createContext<TurnPlace | null>(null);

export function useTurnPlace(): TurnPlace {
  const place = useContext(TurnContext);
  if (place === null) throw new Error('useTurnPlace() outside of a conversation');
  return place;
}
