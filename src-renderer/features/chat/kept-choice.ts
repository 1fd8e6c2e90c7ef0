import type { ModelParameters } from '#contract/model-parameters';
import { draftShelf } from './draft-store.ts';

const KEY_PREFIX = 'sluice.setup.';
const TEXTS = ['profile', 'model', 'workspace', 'instructions'] as const;

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

/** What the reader chose for a conversation, sent with each of its messages. */
export interface Choice {
  profile?: string;
  model?: string;
  /** The folder of a conversation that is yet to begin. */
  workspace?: string;
  /** How the answers of a conversation are to be made that is yet to begin. */
  parameters?: ModelParameters;
  /** What its models are to be told. */
  instructions?: string;
}

/** Keeps what was chosen for a conversation that is yet to begin, beside its draft; nothing chosen leaves nothing behind. */
export function keepChoice(sessionId: string, choice: Choice, shelf: Shelf = draftShelf): void {
  try {
    if (Object.keys(choice).length === 0) shelf?.removeItem(KEY_PREFIX + sessionId);
    else shelf?.setItem(KEY_PREFIX + sessionId, JSON.stringify(choice));
  } catch {
    // A full shelf costs the choice its life beyond a reload. Until then it holds.
    return;
  }
}

/** What was chosen before a reload or a restart. What is kept may be of an older version, or damaged: it is read as it is found. */
export function keptChoice(sessionId: string, shelf: Shelf = draftShelf): Choice | null {
  const kept = shelf?.getItem(KEY_PREFIX + sessionId) ?? null;
  if (kept === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(kept);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const found = value as Record<string, unknown>;
  const texts = TEXTS.flatMap((name) => (typeof found[name] === 'string' ? [[name, found[name]]] : []));
  const { parameters } = found;
  return {
    ...(Object.fromEntries(texts) as Choice),
    // Numbers out of range are refused by the core in words, as they are when they are typed.
    ...(typeof parameters === 'object' && parameters !== null ? { parameters } : {}),
  };
}
