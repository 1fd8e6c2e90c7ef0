import { memo, useMemo, useState } from 'react';
import { BlockView } from './block-view.tsx';
import { type BlockGroup, MarkdownStream } from './markdown-stream.ts';

const NOTHING: BlockGroup = [];

/** An answer’s text as it is read. While it is written, a delta draws its last block anew and nothing else. */
export function MarkdownView({ text, live }: { text: string; live: boolean }) {
  const [stream] = useState(() => new MarkdownStream());
  const { groups, recent, tail } = useMemo(() => stream.read(text, live), [stream, text, live]);
  return (
    <div data-answer-text className="answer-text">
      {groups.map((blocks, index) => (
        <Group key={index} blocks={blocks} tail={NOTHING} live={false} />
      ))}
      {/* The last group has its place already, so that a block which is settled stays the element it is. */}
      <Group key={groups.length} blocks={recent} tail={tail} live={live} />
    </div>
  );
}

interface GroupProps {
  blocks: BlockGroup;
  tail: BlockGroup;
  live: boolean;
}

const Group = memo(function Group({ blocks, tail, live }: GroupProps) {
  const isFull = tail === NOTHING;
  const last = blocks.length + tail.length - 1;
  if (last < 0) return live ? <span aria-hidden="true" className="caret" /> : null;
  return (
    <div className="answer-group" data-full={isFull}>
      {[...blocks, ...tail].map((block, index) => (
        <BlockView key={index} block={block} growing={live && index === last} caret={live && index === last} />
      ))}
    </div>
  );
});
