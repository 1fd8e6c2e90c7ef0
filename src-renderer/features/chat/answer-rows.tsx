import type { Message } from '#contract/message';
import { ReasoningRow } from './reasoning-row.tsx';
import { RichText } from './rich-text.tsx';
import { ToolRow } from './tool-row.tsx';

/** The rows of an answer in the order they came: thinking, tool calls and text. */
export function AnswerRows({ rows, live }: { rows: Message[]; live: boolean }) {
  return rows.map((row, index) => {
    if (row.role === 'tool') return <ToolRow key={row.id} row={row} />;
    const open = live && index === rows.length - 1 && row.status === 'open';
    return (
      <div key={row.id} data-message-id={row.id}>
        {row.reasoning !== null && row.reasoning !== '' && (
          <ReasoningRow row={row} thinking={open && row.content === ''} />
        )}
        {row.content !== '' && <RichText text={row.content} live={open} />}
      </div>
    );
  });
}
