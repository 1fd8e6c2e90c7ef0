import { useTranslation } from 'react-i18next';

/** A new conversation, before its first message. */
export function EmptyChat({ answerer }: { answerer: string }) {
  const { t } = useTranslation();
  return (
    <section className="flex min-h-0 flex-1 flex-col justify-end-safe overflow-auto pb-8">
      <div className="column px-3">
        <Greeting title={t('chat.emptyTitle')} lede={t('chat.emptyLede', { name: answerer })} />
      </div>
    </section>
  );
}

/** A conversation that is there and holds nothing: made by a program, or everything in it was deleted. */
export function BlankConversation({ answerer }: { answerer: string }) {
  const { t } = useTranslation();
  return (
    <div data-testid="blank-conversation" className="px-3 pb-2">
      <Greeting title={t('chat.blankTitle')} lede={t('chat.blankLede', { name: answerer })} />
    </div>
  );
}

function Greeting({ title, lede }: { title: string; lede: string }) {
  return (
    <>
      <h2 className="text-xl tracking-[-.01em]">{title}</h2>
      <p className="mt-1 text-md text-ink-2">{lede}</p>
    </>
  );
}
