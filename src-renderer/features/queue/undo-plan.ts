import type { QueuedMessage, QueuePauseReason } from '#contract/events';
import type { ContentBlock, RunInput } from '#contract/message';

export interface QueueStanding {
  paused: QueuePauseReason | null;
  running: boolean;
}

/**
 * How a waiting message is taken away. While the queue stands still nothing of it can go out, so the core is told only
 * when the time to undo is over: until then a crash finds the message where it was. While the queue moves it is taken away
 * at once, because it could be sent in the meantime.
 */
export function removalPlan(standing: QueueStanding): 'hold' | 'now' {
  return standing.paused === null ? 'now' : 'hold';
}

/**
 * How a message that the core has let go of comes back. With an answer under way it waits again; where the queue has
 * stood still since, sending it would start it against the pause, so its text goes to the composer.
 */
export function returnPlan(standing: QueueStanding): 'queue' | 'compose' {
  return !standing.running && standing.paused !== null ? 'compose' : 'queue';
}

export type FileBlock = Exclude<ContentBlock, { type: 'text' }>;

/** A waiting message taken apart: its text without the lines that stand for its files, and the files. */
export function partsOf(item: Pick<QueuedMessage, 'content' | 'content_blocks'>): { text: string; files: FileBlock[] } {
  const blocks = item.content_blocks ?? [];
  const files = blocks.filter((block) => block.type !== 'text');
  if (files.length === 0) return { text: item.content, files };
  return { text: blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'), files };
}

/** With what a message is sent again: with all that was chosen when it was written, and nothing that was chosen since. */
export function sentAgain(item: Pick<QueuedMessage, 'content' | 'content_blocks' | 'run_id'>): {
  input: RunInput;
  like_run: string;
} {
  return { input: item.content_blocks ?? item.content, like_run: item.run_id };
}
