import { Copy } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { parseBlocks, parseInline, type TextBlock } from './parse-blocks.ts';

/** An answer's text. Built from elements only: no part of it is ever read as HTML. */
export const RichText = memo(function RichText({ text, live }: { text: string; live: boolean }) {
  const blocks = parseBlocks(text);
  return (
    <div className="prose-plain max-w-(--measure) pt-1.5 pb-0.5 text-md">
      {blocks.map((block, index) => (
        <Block key={index} block={block} caret={live && index === blocks.length - 1} />
      ))}
    </div>
  );
});

function Block({ block, caret }: { block: TextBlock; caret: boolean }) {
  if (block.kind === 'code') return <CodeBlock language={block.language} code={block.code} />;
  return (
    <p>
      {parseInline(block.text).map((part, index) => {
        if (part.kind === 'code') {
          return (
            <code key={index} className="rounded-sm border border-line bg-sunken px-1 py-px text-[0.867em]">
              {part.text}
            </code>
          );
        }
        if (part.kind === 'strong') {
          return (
            <strong key={index} className="font-semibold">
              {part.text}
            </strong>
          );
        }
        return part.text;
      })}
      {caret && <span aria-hidden="true" className="caret" />}
    </p>
  );
}

const CodeBlock = memo(function CodeBlock({ language, code }: { language: string; code: string }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex h-8 items-center gap-2 border-b border-line pr-1 pl-3 text-xs text-ink-3">
        <span className="min-w-0 flex-1 truncate">{language === '' ? t('chat.code') : language}</span>
        <button
          type="button"
          onClick={() => copy(code)}
          className="touch inline-flex h-6 items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink"
        >
          <Icon of={Copy} size={13} />
          {t(state === 'idle' ? 'action.copy' : `action.${state}`)}
        </button>
      </figcaption>
      <pre tabIndex={0} className="thin-scroll overflow-auto px-3 py-2.5 text-sm leading-[1.3125rem] [tab-size:2]">
        <code className="text-[0.9375em]">{code}</code>
      </pre>
    </figure>
  );
});
