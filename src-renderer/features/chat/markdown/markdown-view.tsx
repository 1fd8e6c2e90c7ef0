import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { BlockView } from './block-view.tsx';
import { DrawWhole } from './draw-whole.ts';
import { estimateGroupPx } from './group-height.ts';
import { firstHeadingOf, type HeadingPath, HeadingShift, headingDepths, headingShiftOf } from './heading-shift.ts';
import type { BlockGroup } from './markdown-stream.ts';
import { useReadInSlices } from './read-in-slices.ts';
import { watchNear } from './use-near.ts';
import { workInTurn } from './work-in-turn.ts';

const NOTHING: BlockGroup = [];
/** An answer with more groups than this is drawn where it is looked at. */
const MOST_AT_ONCE = 8;
/** What a character that is still to be read takes in height, in px, at the reading measure. */
const REST_PX = 0.3;

interface MarkdownViewProps {
  text: string;
  live: boolean;
  /** All of it is drawn, however long it is. */
  whole: boolean;
  /** *Find in conversation* looks through it. */
  find: boolean;
}

/** An answer’s text as it is read. While it is written, a delta draws its last block anew and nothing else. */
export function MarkdownView({ text, live, whole, find }: MarkdownViewProps) {
  const { groups, recent, tail, restChars } = useReadInSlices(text, live);
  const isLong = groups.length > MOST_AT_ONCE;
  const settled = useMemo(() => firstHeadingOf(groups.flat()), [groups]);
  // Where each group begins; what is written now begins where the last of them ends.
  const paths = useMemo(() => {
    const starts: HeadingPath[] = [''];
    for (const blocks of groups) starts.push(headingDepths(blocks, starts.at(-1) ?? '').after);
    return starts;
  }, [groups]);
  const shift = headingShiftOf(settled ?? firstHeadingOf(recent) ?? firstHeadingOf(tail));
  return (
    <div data-answer-text data-find={find ? true : undefined} className="answer-text">
      <HeadingShift value={shift}>
        <DrawWhole value={whole}>
          {[
            ...groups.map((blocks, index) => (
              <Group
                key={index}
                path={paths[index] ?? ''}
                blocks={blocks}
                tail={NOTHING}
                live={false}
                lazy={isLong && !whole}
              />
            )),
            // In one list with the others: a group that is full stays the elements it is, with what is selected in it.
            <Group
              key={groups.length}
              path={paths.at(-1) ?? ''}
              blocks={recent}
              tail={tail}
              live={live}
              lazy={false}
            />,
          ]}
        </DrawWhole>
      </HeadingShift>
      {restChars > 0 && <div aria-busy="true" style={{ height: restChars * REST_PX }} />}
    </div>
  );
}

interface GroupProps {
  /** The headings that it begins below. */
  path: HeadingPath;
  blocks: BlockGroup;
  tail: BlockGroup;
  live: boolean;
  /** Drawn once it comes near the window. What was drawn before stays. */
  lazy: boolean;
}

const Group = memo(function Group({ path, blocks, tail, live, lazy }: GroupProps) {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(!lazy);
  const isWaiting = lazy && !drawn;
  if (!lazy && !drawn) setDrawn(true);
  useEffect(() => {
    const element = place.current;
    if (element === null || !isWaiting) return;
    let takeBack: (() => void) | undefined;
    const off = watchNear(element, () => {
      takeBack = workInTurn(() => flushSync(() => setDrawn(true)));
    });
    return () => {
      off();
      takeBack?.();
    };
  }, [isWaiting]);
  const isFull = tail === NOTHING;
  const last = blocks.length + tail.length - 1;
  if (last < 0) return live ? <span aria-hidden="true" className="caret" /> : null;
  if (isWaiting) return <div ref={place} className="answer-group" style={{ height: estimateGroupPx(blocks) }} />;
  const drawnBlocks = [...blocks, ...tail];
  const { depths } = headingDepths(drawnBlocks, path);
  return (
    <div
      className="answer-group"
      data-full={isFull}
      // What is far away is not laid out; this high it is until it was.
      style={isFull ? { containIntrinsicBlockSize: `auto ${estimateGroupPx(blocks)}px` } : undefined}
    >
      {drawnBlocks.map((block, index) => (
        <BlockView
          key={index}
          depth={depths[index] ?? null}
          block={block}
          growing={live && index === last}
          caret={live && index === last}
        />
      ))}
    </div>
  );
});
