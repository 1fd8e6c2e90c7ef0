import { memo, type ReactNode, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from './code-block.tsx';
import { HeadingShift } from './heading-shift.ts';
import { Inline } from './inline-view.tsx';
import type { BlockNode, ListItem } from './markdown-nodes.ts';
import { MathView } from './math-view.tsx';
import { NoteView } from './note-view.tsx';
import { TableView } from './table-view.tsx';

interface BlockViewProps {
  block: BlockNode;
  /** The block may still grow. */
  growing: boolean;
  /** The flat caret of an answer that is being written stands at its end. */
  caret: boolean;
  /** How deep a heading of the text itself stands below the page's title; null for any other block. */
  depth?: number | null;
}

const Caret = () => <span aria-hidden="true" className="caret" />;

/** A block of an answer, drawn anew only when it has changed. */
export const BlockView = memo(function BlockView({ block, growing, caret, depth = null }: BlockViewProps): ReactNode {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p dir="auto">
          <Inline nodes={block.children} />
          {caret && <Caret />}
        </p>
      );
    case 'heading':
      return <HeadingView block={block} caret={caret} depth={depth} />;
    case 'quote':
      return (
        <blockquote dir="auto">
          <Blocks blocks={block.children} growing={growing} caret={caret} />
        </blockquote>
      );
    case 'list':
      return <ListView block={block} growing={growing} caret={caret} />;
    case 'table':
      return <TableView block={block} />;
    case 'code':
      return <CodeBlock block={block} growing={growing} />;
    case 'math':
      return block.closed && block.source !== '' ? (
        <div className="answer-formula thin-scroll" tabIndex={0}>
          <MathView source={block.source} display />
        </div>
      ) : (
        <p dir="ltr" className="answer-open-math">
          {block.source}
        </p>
      );
    case 'note':
      return (
        <NoteView label={block.label}>
          <Inline nodes={block.children} />
        </NoteView>
      );
    case 'rule':
      return <hr />;
  }
});

/** Blocks below each other; only the last one may grow. */
function Blocks({ blocks, growing, caret }: { blocks: readonly BlockNode[]; growing: boolean; caret: boolean }) {
  const last = blocks.length - 1;
  return blocks.map((block, index) => (
    <BlockView key={index} block={block} growing={growing && index === last} caret={caret && index === last} />
  ));
}

interface HeadingViewProps {
  block: BlockNode & { kind: 'heading' };
  caret: boolean;
  depth: number | null;
}

function HeadingView({ block, caret, depth }: HeadingViewProps) {
  const shift = useContext(HeadingShift);
  // The page's own title is the first level.
  const Heading = `h${Math.min(6, Math.max(2, 1 + (depth ?? block.level - shift)))}` as 'h2';
  return (
    <Heading dir="auto" data-level={block.level}>
      <Inline nodes={block.children} />
      {caret && <Caret />}
    </Heading>
  );
}

function ListView({
  block,
  growing,
  caret,
}: {
  block: BlockNode & { kind: 'list' };
  growing: boolean;
  caret: boolean;
}) {
  const last = block.items.length - 1;
  const isTasks = block.items.some((item) => item.checked !== null);
  const items = block.items.map((item, index) => (
    <Item key={index} item={item} growing={growing && index === last} caret={caret && index === last} />
  ));
  return block.start === null ? (
    <ul dir="auto" data-tasks={isTasks}>
      {items}
    </ul>
  ) : (
    <ol dir="auto" start={block.start} data-digits={Math.min(4, String(block.start + last).length)}>
      {items}
    </ol>
  );
}

const Item = memo(function Item({ item, growing, caret }: { item: ListItem; growing: boolean; caret: boolean }) {
  const { t } = useTranslation();
  return (
    <li dir="auto">
      {item.checked !== null && (
        <input
          type="checkbox"
          checked={item.checked}
          readOnly
          disabled
          aria-label={t(item.checked ? 'answer.done' : 'answer.open')}
        />
      )}
      <Blocks blocks={item.children} growing={growing} caret={caret} />
      {caret && item.children.length === 0 && <Caret />}
    </li>
  );
});
