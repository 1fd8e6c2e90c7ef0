import { Fragment, type ReactNode } from 'react';
import type { Message } from '#contract/message';
import { DamagedNote } from './damaged-note.tsx';
import { currentMatch, useFindStore } from './find/find-store.ts';
import { PinMark } from './pin-mark.tsx';
import { ReasoningRow } from './reasoning-row.tsx';
import { RichText } from './rich-text.tsx';
import { SteerRow } from './steer-row.tsx';
import { ToolRow } from './tool-row.tsx';

interface AnswerRowsProps {
  rows: Message[];
  live: boolean;
  /** It stands still until a person answers: nothing is being written, so no caret. */
  waits: boolean;
  /** What stands below a row. */
  after: (rowId: string) => ReactNode;
}

/** The rows of an answer in the order they came: thinking, tool calls and text, and what was sent into it. */
export function AnswerRows({ rows, live, waits, after }: AnswerRowsProps) {
  return rows.map((row, index) => (
    <Fragment key={row.id}>
      <AnswerRow row={row} open={live && index === rows.length - 1 && row.status === 'open'} waits={waits} />
      {after(row.id)}
    </Fragment>
  ));
}

function AnswerRow({ row, open, waits }: { row: Message; open: boolean; waits: boolean }) {
  // What is looked for in it has to be there to be shown.
  const isLookedAt = useFindStore((state) => currentMatch(state)?.messageId === row.id);
  const damaged = row.damaged === true && <DamagedNote />;
  if (row.role === 'user') return <SteerRow row={row} />;
  if (row.role === 'tool') {
    return (
      <div>
        <ToolRow row={row} />
        {damaged}
      </div>
    );
  }
  return (
    <div data-message-id={row.id}>
      {row.pinned === true && <PinMark />}
      {row.reasoning !== null && row.reasoning !== '' && (
        <ReasoningRow row={row} thinking={open && row.content === ''} />
      )}
      {row.content !== '' && <RichText text={row.content} live={open && !waits} whole={isLookedAt} />}
      {damaged}
    </div>
  );
}
