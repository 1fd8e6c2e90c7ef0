import type { Message } from '#contract/message';
import type { RunRecord } from '#contract/records';

/** One exchange: what the person said and what was made of it. */
export interface Turn {
  key: string;
  runId: string | null;
  user: Message | null;
  rows: Message[];
  run: RunRecord | null;
}

/** What a person says begins a turn, unless it went into the answer that was being made. */
export function opensTurn(row: Message, before: Message | undefined): boolean {
  return row.role === 'user' && (before === undefined || row.run_id === null || before.run_id !== row.run_id);
}

/**
 * Parts rows into turns, in their order. A person's row opens a turn, a row of another run does too; a run that failed
 * before its first word keeps its turn, so that its error has a place.
 */
export function groupTurns(messages: Message[], runs: Record<string, RunRecord>): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const last = turns.at(-1);
    if (opensTurn(message, messages[index - 1]) || last === undefined || last.runId !== message.run_id) {
      turns.push({
        key: message.id,
        runId: message.run_id,
        user: message.role === 'user' ? message : null,
        rows: message.role === 'user' ? [] : [message],
        run: message.run_id === null ? null : (runs[message.run_id] ?? null),
      });
      continue;
    }
    last.rows.push(message);
  }
  return turns;
}

/** The turn of the run that is being made. Its key is the one that it will have when it is over. */
export function liveTurn(rows: Message[], runId: string, runs: Record<string, RunRecord>): Turn {
  const first = rows[0];
  const user = first?.role === 'user' ? first : null;
  return {
    key: first?.id ?? runId,
    runId,
    user,
    rows: user === null ? rows : rows.slice(1),
    run: runs[runId] ?? null,
  };
}

/** Whether a turn would be drawn as before: the fold keeps the identity of every row that did not change. */
export function sameTurn(a: Turn, b: Turn): boolean {
  return (
    a.user === b.user &&
    a.run === b.run &&
    a.rows.length === b.rows.length &&
    a.rows.every((row, index) => row === b.rows[index])
  );
}

/** Whether a message is part of a turn. */
export function holdsMessage(turn: Turn, messageId: string): boolean {
  return turn.user?.id === messageId || turn.rows.some((row) => row.id === messageId);
}
