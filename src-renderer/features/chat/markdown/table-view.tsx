import { memo, useContext, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyTable } from './copy-table.tsx';
import { DrawWhole } from './draw-whole.ts';
import { fixColumns } from './fix-columns.ts';
import { Inline } from './inline-view.tsx';
import type { Align, BlockNode, InlineNode } from './markdown-nodes.ts';
import { chunkRows, isSameChunk, type TableChunk } from './table-chunks.ts';
import { useDrawnNear } from './use-drawn-near.ts';

type TableNode = BlockNode & { kind: 'table' };
type Cells = InlineNode[][];

/** A row of one line, in px, as the stylesheet draws it. */
const ROW_PX = 35;

/**
 * A table that is wider than its place scrolls within it. Its button stays in sight beside it. A long one is drawn where it is
 * looked at: chunks of rows, each a table to the browser and all of them one to a screen reader.
 */
export function TableView({ block }: { block: TableNode }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const searched = useContext(DrawWhole);
  const [copied, setCopied] = useState(false);
  const whole = searched || copied;
  const { head, rows, aligns } = block;
  const chunks = chunkRows(rows, head.length);
  const isLong = chunks.length > 1;
  useLayoutEffect(() => {
    if (isLong && place.current !== null) return fixColumns(place.current);
    return undefined;
  }, [isLong]);
  const last = chunks.length - 1;
  return (
    <div className="group/table relative">
      <section className="answer-table thin-scroll" tabIndex={0} aria-label={t('answer.table')}>
        <div
          ref={place}
          className="answer-table-chunks"
          {...(isLong ? { role: 'table', 'aria-label': t('answer.table'), 'aria-rowcount': rows.length + 1 } : {})}
        >
          {chunks.map((chunk, index) => (
            <Chunk
              key={index}
              chunk={chunk}
              head={index === 0 ? head : null}
              columns={head.length}
              aligns={aligns}
              isPart={isLong}
              // The last one is where rows come in, and what was drawn stays.
              lazy={index > 0 && index < last && !whole}
            />
          ))}
        </div>
      </section>
      <CopyTable block={block} onWhole={() => setCopied(true)} />
    </div>
  );
}

interface ChunkProps {
  chunk: TableChunk<Cells>;
  /** The table's head, where this is its first chunk. */
  head: Cells | null;
  columns: number;
  aligns: readonly Align[];
  /** There are others: roles say what the elements alone do not. */
  isPart: boolean;
  lazy: boolean;
}

const Chunk = memo(
  function Chunk({ chunk, head, columns, aligns, isPart, lazy }: ChunkProps) {
    const { place, isWaiting } = useDrawnNear(lazy);
    const height = chunk.rows.length * ROW_PX;
    if (isWaiting) return <div ref={place} className="answer-table-chunk" style={{ height }} />;
    const as = (role: string) => (isPart ? { role } : {});
    return (
      <div
        ref={place}
        className="answer-table-chunk"
        style={isPart && head === null ? { containIntrinsicBlockSize: `auto ${height}px` } : undefined}
      >
        <table {...as('presentation')}>
          {isPart && (
            <colgroup>
              {Array.from({ length: columns }, (_, index) => (
                <col key={index} style={{ width: `var(--column-${index})` }} />
              ))}
            </colgroup>
          )}
          {head !== null && (
            <thead {...as('rowgroup')}>
              <tr {...as('row')} aria-rowindex={isPart ? 1 : undefined}>
                {head.map((cell, index) => (
                  <th
                    key={index}
                    scope="col"
                    dir="auto"
                    data-align={aligns[index] ?? undefined}
                    {...as('columnheader')}
                  >
                    <Inline nodes={cell} />
                  </th>
                ))}
              </tr>
            </thead>
          )}
          {chunk.rows.length > 0 && (
            <tbody {...as('rowgroup')}>
              {chunk.rows.map((row, index) => (
                <Row
                  key={index}
                  row={row}
                  aligns={aligns}
                  // The head is the first.
                  rowIndex={isPart ? chunk.from + index + 2 : null}
                />
              ))}
            </tbody>
          )}
        </table>
      </div>
    );
  },
  (a, b) =>
    isSameChunk(a.chunk, b.chunk) &&
    a.lazy === b.lazy &&
    a.isPart === b.isPart &&
    a.columns === b.columns &&
    a.head === b.head &&
    a.aligns.join() === b.aligns.join(),
);

const Row = memo(
  function Row({ row, aligns, rowIndex }: { row: Cells; aligns: readonly Align[]; rowIndex: number | null }) {
    return (
      <tr {...(rowIndex === null ? {} : { role: 'row', 'aria-rowindex': rowIndex })}>
        {row.map((cell, index) => (
          <td
            key={index}
            dir="auto"
            data-align={aligns[index] ?? undefined}
            role={rowIndex === null ? undefined : 'cell'}
          >
            <Inline nodes={cell} />
          </td>
        ))}
      </tr>
    );
  },
  (a, b) => a.row === b.row && a.rowIndex === b.rowIndex && a.aligns.join() === b.aligns.join(),
);
