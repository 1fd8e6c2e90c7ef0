import { type ReactNode, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useCopy } from '../../../ui/use-copy.ts';
import { linkTarget } from './link-target.ts';

interface LinkViewProps {
  href: string;
  title: string;
  words: string;
  children: ReactNode;
}

/** A link of an answer. It opens outside, and only where it says it leads; anything else asks first or is no link. */
export function LinkView({ href, title, words, children }: LinkViewProps) {
  const { t } = useTranslation();
  const { copy } = useCopy();
  const [asking, setAsking] = useState(false);
  const target = linkTarget(href, words);
  if (target.kind === 'none') {
    return <span title={t('answer.noLink', { address: href })}>{children}</span>;
  }
  const hint = title === '' ? target.href : `${title}\n${target.href}`;
  if (target.kind === 'open') {
    return (
      <a href={target.href} target="_blank" rel="noopener noreferrer" title={hint}>
        {children}
      </a>
    );
  }
  const isWeb = target.kind === 'confirm';
  return (
    <>
      <button type="button" className="answer-link" title={hint} onClick={() => setAsking(true)}>
        {children}
      </button>
      {/* Outside of the paragraph, whose words it must not look like. */}
      {asking &&
        createPortal(
          <ConfirmDialog
            title={isWeb ? t('answer.confirm.title', { host: target.host }) : t('answer.foreign.title')}
            body={isWeb ? t('answer.confirm.body') : t('answer.foreign.body')}
            detail={target.href}
            look="edge"
            confirm={t(isWeb ? 'answer.confirm.yes' : 'answer.foreign.yes')}
            cancel={t(isWeb ? 'answer.confirm.no' : 'answer.foreign.no')}
            onConfirm={() => (isWeb ? window.open(target.href, '_blank', 'noopener,noreferrer') : copy(target.href))}
            onClose={() => setAsking(false)}
          />,
          document.body,
        )}
    </>
  );
}
