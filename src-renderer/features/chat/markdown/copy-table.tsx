import { Check, Copy } from 'lucide-react';
import { useRef } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../ui/icon-button.tsx';
import { useCopy } from '../../../ui/use-copy.ts';
import { copiedContent } from './copied-content.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { tableMarkdown } from './table-markdown.ts';

/**
 * Copies a table: as Markdown where text is pasted, as cells where a spreadsheet or a document takes it.
 *
 * @param onWhole draws every row; what is copied as cells is read from the page.
 */
export function CopyTable({ block, onWhole }: { block: BlockNode & { kind: 'table' }; onWhole: () => void }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const button = useRef<HTMLButtonElement>(null);
  const onClick = () => {
    // All of it, also the rows that are not on the page.
    flushSync(onWhole);
    const part = document.createDocumentFragment();
    const table = button.current?.parentElement?.querySelector('.answer-table-chunks')?.cloneNode(true);
    if (table !== undefined) part.append(table);
    copy(tableMarkdown(block), copiedContent(part).html);
  };
  return (
    <IconButton
      ref={button}
      small
      data-testid="copy-table"
      icon={state === 'copied' ? Check : Copy}
      label={t(state === 'idle' ? 'answer.copyTable' : `action.${state}`)}
      onClick={onClick}
      className="absolute top-0.5 right-0 bg-canvas opacity-0 group-focus-within/table:opacity-100 group-hover/table:opacity-100 pointer-coarse:opacity-100"
    />
  );
}
