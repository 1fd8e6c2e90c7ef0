import { Check, Copy, WrapText } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.tsx';
import { useCopy } from '../../../ui/use-copy.ts';
import { codeText } from './code-chunks.ts';
import { CodeLines } from './code-lines.tsx';
import { knownLanguage, languageTitle } from './languages.ts';
import type { BlockNode } from './markdown-nodes.ts';
import { isTooLong, useHighlight } from './use-highlight.ts';

const BUTTON =
  'touch inline-flex h-6 flex-none items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-selected';

/** Code with its language, a switch for long lines and a button that copies it exactly. */
export function CodeBlock({ block, growing }: { block: BlockNode & { kind: 'code' }; growing: boolean }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const [wrap, setWrap] = useState(false);
  const place = useRef<HTMLElement>(null);
  const { language, chunks } = block;
  const whole = block.closed || !growing;
  const lines = useHighlight(place, language, chunks, whole);
  const isPlain = whole && knownLanguage(language) !== null && isTooLong(chunks);
  return (
    <figure ref={place} className="answer-code" data-testid="code-block" data-coloured={lines !== null}>
      <figcaption>
        <span className="min-w-0 flex-1 truncate">
          {language === '' ? t('chat.code') : languageTitle(language)}
          {isPlain && ` · ${t('answer.plainCode')}`}
        </span>
        <button type="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)} className={BUTTON}>
          <Icon of={WrapText} size={13} />
          <span className="max-word:sr-only">{t('answer.wrap')}</span>
        </button>
        <button type="button" onClick={() => copy(codeText(chunks))} className={BUTTON}>
          <Icon of={state === 'copied' ? Check : Copy} size={13} />
          <span aria-live="polite">{t(state === 'idle' ? 'action.copy' : `action.${state}`)}</span>
        </button>
      </figcaption>
      <pre tabIndex={0} dir="ltr" data-wrap={wrap} className="thin-scroll">
        <code>
          <CodeLines chunks={chunks} lines={lines} />
        </code>
      </pre>
    </figure>
  );
}
