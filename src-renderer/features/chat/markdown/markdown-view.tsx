import { memo, useMemo } from 'react';
import type { BlockGroup } from './block-groups.ts';
import { BlockView } from './block-view.tsx';
import { DrawWhole } from './draw-whole.ts';
import { estimateGroupPx, estimateGroupsPx } from './group-height.ts';
import { firstHeadingOf, type HeadingPath, HeadingShift, headingDepths, headingShiftOf } from './heading-shift.ts';
import { useReadInSlices } from './read-in-slices.ts';
import { useDrawnInTurn, useDrawnNear } from './use-drawn-near.ts';

const NOTHING: BlockGroup = [];
/** An answer with more groups than this is drawn where it is looked at. */
const MOST_AT_ONCE = 24;
/**
 * A long answer is a tree: so many groups are a section, which the browser lays out near the window only, and so many of those
 * a chapter. What is far away is one empty element, since the page asks of each element that waits where it stands, with every
 * frame of a scroll, and a megabyte has thousands of groups.
 */
const LEVELS = [
  { size: 8, marginPx: 1000 },
  { size: 24, marginPx: 1600 },
] as const;
const SECTION = 0;
const CHAPTER = 1;
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
  const lazy = groups.length > MOST_AT_ONCE && !whole;
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
          <Parts
            level={CHAPTER}
            groups={groups}
            paths={paths}
            recent={recent}
            tail={tail}
            live={live}
            lazy={lazy}
            isEnd={restChars === 0}
          />
        </DrawWhole>
      </HeadingShift>
      {restChars > 0 && <div aria-busy="true" style={{ height: restChars * REST_PX }} />}
    </div>
  );
}

interface PartProps {
  level: typeof SECTION | typeof CHAPTER;
  groups: readonly BlockGroup[];
  /** The headings that each of them begins below, and at the end those that what follows does. */
  paths: readonly HeadingPath[];
  /** What stands below the groups, in the last part of each level; null in the others. */
  recent: BlockGroup | null;
  tail: BlockGroup;
  live: boolean;
  lazy: boolean;
  /** Nothing of the text is to be read yet that comes below. */
  isEnd: boolean;
}

/** Groups in the parts of a level. One that is full stays the element it is, with what is selected in it. */
function Parts({ level, groups, paths, recent, tail, live, lazy, isEnd }: PartProps) {
  const size = LEVELS[level].size * (level === CHAPTER ? LEVELS[SECTION].size : 1);
  const full = Math.floor(groups.length / size);
  // What still grows is in a part of its own or in the one that it will belong to.
  const count = recent === null ? Math.ceil(groups.length / size) : full + 1;
  return Array.from({ length: count }, (_, index) => {
    const isLast = recent !== null && index === full;
    return (
      <Part
        key={index}
        level={level}
        groups={groups.slice(index * size, (index + 1) * size)}
        paths={paths.slice(index * size, (index + 1) * size + 1)}
        recent={isLast ? recent : null}
        tail={isLast ? tail : NOTHING}
        live={live && isLast}
        lazy={lazy}
        isEnd={isEnd && isLast}
      />
    );
  });
}

const Part = memo(
  function Part(props: PartProps) {
    const { level, groups, paths, recent, tail, live, lazy, isEnd } = props;
    const { place, isWaiting } = useDrawnNear(lazy && !isEnd, LEVELS[level].marginPx);
    const height =
      isWaiting || recent === null ? estimateGroupsPx(recent === null ? groups : [...groups, recent, tail]) : 0;
    return (
      <div
        ref={place}
        className="answer-part"
        data-full={level === SECTION && recent === null}
        // What is far away is not laid out; this high it is until it was.
        style={isWaiting ? { height } : recent === null ? { containIntrinsicBlockSize: `auto ${height}px` } : undefined}
      >
        {!isWaiting && level === CHAPTER && <Parts {...props} level={SECTION} />}
        {!isWaiting &&
          level === SECTION && [
            ...groups.map((blocks, index) => (
              <Group key={index} path={paths[index] ?? ''} blocks={blocks} tail={NOTHING} live={false} lazy={lazy} />
            )),
            recent !== null && (
              <Group
                key={groups.length}
                path={paths.at(-1) ?? ''}
                blocks={recent}
                tail={tail}
                live={live}
                lazy={false}
              />
            ),
          ]}
      </div>
    );
  },
  (a, b) =>
    a.groups.length === b.groups.length &&
    a.groups.every((group, index) => group === b.groups[index]) &&
    // Where it begins says the rest.
    a.paths[0] === b.paths[0] &&
    a.recent === b.recent &&
    a.tail === b.tail &&
    a.live === b.live &&
    a.lazy === b.lazy &&
    a.isEnd === b.isEnd,
);

interface GroupProps {
  /** The headings that it begins below. */
  path: HeadingPath;
  blocks: BlockGroup;
  tail: BlockGroup;
  live: boolean;
  /** Drawn in its turn. What was drawn before stays. */
  lazy: boolean;
}

const Group = memo(function Group({ path, blocks, tail, live, lazy }: GroupProps) {
  const { place, isWaiting } = useDrawnInTurn(lazy);
  const last = blocks.length + tail.length - 1;
  if (last < 0) return live ? <span aria-hidden="true" className="caret" /> : null;
  if (isWaiting) return <div ref={place} className="answer-group" style={{ height: estimateGroupPx(blocks) }} />;
  const drawn = [...blocks, ...tail];
  const { depths } = headingDepths(drawn, path);
  return (
    <div ref={place} className="answer-group">
      {drawn.map((block, index) => (
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
