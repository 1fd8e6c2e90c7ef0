import { useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkRequest } from '#contract/links';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';

interface LinkDialogProps {
  link: LinkRequest;
  onAnswer: (accept: boolean) => void;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-3 py-1">
      <dt className="text-ink-3">{name}</dt>
      <dd dir="ltr" className="wrap-anywhere text-ink">
        {value}
      </dd>
    </div>
  );
}

/** Everything that the link would do, so that nothing is agreed to unseen. */
function Asked({ link }: { link: LinkRequest }) {
  const { t } = useTranslation();
  switch (link.kind) {
    case 'refused':
      return <p className="mt-1.5 text-ink-2">{failureSentence(link.message, link.said)}</p>;
    case 'session':
      return (
        <dl className="mt-3">
          <Fact name={t('links.conversation')} value={link.title ?? ''} />
        </dl>
      );
    case 'new':
      return (
        <>
          <p className="mt-1.5 text-ink-2">{t('links.newBody')}</p>
          {link.text !== '' && (
            <pre
              dir="auto"
              tabIndex={0}
              className="mt-2 max-h-48 overflow-auto rounded-md bg-sunken px-2 py-1.5 font-sans whitespace-pre-wrap text-ink wrap-anywhere"
            >
              {link.text}
            </pre>
          )}
        </>
      );
    default:
      return (
        <>
          <p className="mt-1.5 text-ink-2">{t(link.maskedKey === null ? 'links.connectBody' : 'links.keyBody')}</p>
          <dl className="mt-3 divide-y divide-line">
            <Fact name={t('links.host')} value={link.host} />
            <Fact name={t('links.address')} value={link.baseUrl} />
            {link.maskedKey !== null && <Fact name={t('links.key')} value={link.maskedKey} />}
            <Fact name={t('links.name')} value={link.name} />
            <Fact name={t('links.provider')} value={t(`kind.${link.provider}`)} />
            {link.model !== null && <Fact name={t('links.model')} value={link.model} />}
          </dl>
        </>
      );
  }
}

/** Asks about a link from outside. Focus starts on the safe answer; Escape is the safe answer. */
export function LinkDialog({ link, onAnswer }: LinkDialogProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const isRefused = link.kind === 'refused';
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      data-testid="link-dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-asked`}
      onClose={() => onAnswer(dialog.current?.returnValue === 'yes')}
      onKeyDown={(event) => event.stopPropagation()}
      className="no-drag m-auto w-[min(28rem,calc(100vw-2rem))] rounded-xl border border-line-2 bg-raised p-5 text-ink shadow-lift-3"
    >
      <h2 id={`${id}-title`} className="text-lg break-words">
        {t(`links.title.${link.kind}`)}
      </h2>
      <div id={`${id}-asked`}>
        <Asked link={link} />
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button tall onClick={() => dialog.current?.close('no')}>
          {t(isRefused ? 'links.close' : 'links.no')}
        </Button>
        {!isRefused && (
          <Button tall look="edge" data-testid="link-yes" onClick={() => dialog.current?.close('yes')}>
            {t(`links.yes.${link.kind}`)}
          </Button>
        )}
      </div>
    </dialog>
  );
}
