import type { Message } from '#contract/message';
import { DamagedNote } from './damaged-note.tsx';
import { ReasoningRow } from './reasoning-row.tsx';
import { RichText } from './rich-text.tsx';
import { SteerRow } from './steer-row.tsx';
import { ToolRow } from './tool-row.tsx';

/** The rows of an answer in the order they came: thinking, tool calls and text, and what was sent into it. */
export function AnswerRows({ rows, live }: { rows: Message[]; live: boolean }) {
  return rows.map((row, index) => {
    const damaged = row.damaged === true && <DamagedNote />;
    if (row.role === 'user') return <SteerRow key={row.id} row={row} />;
    if (row.role === 'tool') {
      return (
        <div key={row.id}>
          <ToolRow row={row} />
          {damaged}
        </div>
      );
    }
    const open = live && index === rows.length - 1 && row.status === 'open';
    return (
      <div key={row.id} data-message-id={row.id}>
        {row.reasoning !== null && row.reasoning !== '' && (
          <ReasoningRow row={row} thinking={open && row.content === ''} />
        )}
        {row.content !== '' && <RichText text={row.content} live={open} />}
        {damaged}
      </div>
    );
  });
}
