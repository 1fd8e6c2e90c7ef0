import { useTranslation } from 'react-i18next';

/** A new conversation, before its first message. */
export function EmptyChat({ answerer }: { answerer: string }) {
  const { t } = useTranslation();
  return (
    <section className="flex min-h-0 flex-1 flex-col justify-end-safe overflow-auto pb-8">
      <div className="column px-3">
        <h2 className="text-xl tracking-[-.01em]">{t('chat.emptyTitle')}</h2>
        <p className="mt-1 text-md text-ink-2">{t('chat.emptyLede', { name: answerer })}</p>
      </div>
    </section>
  );
}
