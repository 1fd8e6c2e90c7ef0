import { Check, Code, Copy, Workflow, WrapText } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.tsx';
import { useCopy } from '../../../ui/use-copy.ts';
import { codeText } from './code-chunks.ts';
import { CodeLines } from './code-lines.tsx';
import { DiagramView } from './diagram-view.tsx';
import { knownLanguage, languageTitle } from './languages.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { isTooLong, useHighlight } from './use-highlight.ts';
import { useNear } from './use-near.ts';

const BUTTON =
  'touch inline-flex h-6 flex-none items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-selected';

/** A longer diagram is not drawn; its source is shown. */
const MOST_DIAGRAM_CHARS = 20_000;

function isDiagram(block: BlockNode & { kind: 'code' }): boolean {
  return block.language.toLowerCase() === 'mermaid' && block.chunks.length * 4096 <= MOST_DIAGRAM_CHARS;
}

/** Code with its language, a switch for long lines and a button that copies it exactly. */
export function CodeBlock({ block, growing }: { block: BlockNode & { kind: 'code' }; growing: boolean }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const [wrap, setWrap] = useState(false);
  const place = useRef<HTMLElement>(null);
  const { language, chunks } = block;
  const whole = block.closed || !growing;
  const lines = useHighlight(place, language, chunks, whole);
  const diagram = whole && isDiagram(block) ? codeText(chunks) : null;
  const near = useNear(place, diagram !== null);
  const [asSource, setAsSource] = useState(false);
  const [failure, setFailure] = useState<{ source: string; message: string } | null>(null);
  const onFailure = useCallback(
    (message: string) => diagram !== null && setFailure({ source: diagram, message }),
    [diagram],
  );
  const failed = diagram !== null && failure?.source === diagram ? failure.message : null;
  const drawn = diagram !== null && failed === null && !asSource;
  const isPlain = whole && knownLanguage(language) !== null && isTooLong(chunks);
  return (
    <figure ref={place} className="answer-code" data-testid="code-block" data-coloured={lines !== null}>
      <figcaption>
        <span className="min-w-0 flex-1 truncate">
          {language === '' ? t('chat.code') : languageTitle(language)}
          {isPlain && ` · ${t('answer.plainCode')}`}
        </span>
        {diagram !== null && failed === null && (
          <button type="button" onClick={() => setAsSource(!asSource)} className={BUTTON}>
            <Icon of={asSource ? Workflow : Code} size={13} />
            {t(asSource ? 'answer.asDiagram' : 'answer.asSource')}
          </button>
        )}
        {!drawn && (
          <button type="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)} className={BUTTON}>
            <Icon of={WrapText} size={13} />
            <span className="max-word:sr-only">{t('answer.wrap')}</span>
          </button>
        )}
        <button type="button" onClick={() => copy(codeText(chunks))} className={BUTTON}>
          <Icon of={state === 'copied' ? Check : Copy} size={13} />
          <span aria-live="polite">{t(state === 'idle' ? 'action.copy' : `action.${state}`)}</span>
        </button>
      </figcaption>
      {failed !== null && (
        <p data-testid="diagram-failed" className="border-b border-line px-3 py-1.5 text-sm text-ink-2">
          {failed === '' ? t('answer.diagramLate') : t('answer.diagramFailed', { reason: failed })}
        </p>
      )}
      {drawn && near && <DiagramView source={diagram} onFailure={onFailure} />}
      {!drawn && (
        <pre tabIndex={0} dir="ltr" data-wrap={wrap} className="thin-scroll">
          <code>
            <CodeLines chunks={chunks} lines={lines} />
          </code>
        </pre>
      )}
    </figure>
  );
}
