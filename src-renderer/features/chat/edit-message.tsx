import { ArrowUp, Undo2, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { Message } from '#contract/message';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { useChatStore } from './chat-store.ts';
import { countLater } from './count-later.ts';
import { draftOf, editKey, useDraftStore } from './draft-store.ts';
import { FileChip } from './message-files.tsx';
import { messageInput, partsOf } from './message-input.ts';
import { sendMessage } from './send-message.ts';

/** A message of the past, written anew in its own place. What follows it is set aside and kept. */
export function EditMessage({ sessionId, message }: { sessionId: string; message: Message }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const close = useChatStore((state) => state.editMessage);
  const later = useChatStore((state) => countLater(state.views[sessionId], message.id));
  const sent = partsOf(message);
  // Kept as a draft is: a reload, a look elsewhere and a mistaken Escape leave it where it was.
  const draftKey = editKey(sessionId, message.id);
  const { texts, setDraft } = useDraftStore.getState();
  const [kept] = useState(() => draftOf(texts, draftKey));
  const [text, setOwnText] = useState(kept === '' ? sent.text : kept);
  const setText = (next: string) => {
    setOwnText(next);
    setDraft(draftKey, next === sent.text ? '' : next);
  };
  const [files, setFiles] = useState(sent.files);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<AppError | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const empty = text.trim() === '' && files.length === 0;

  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    element?.scrollIntoView({ block: 'nearest' });
  }, []);

  const send = async () => {
    if (sending || empty) return;
    setSending(true);
    const answer = await sendMessage(api, sessionId, messageInput(text, files), 'enqueue', message.id);
    setSending(false);
    if (answer.ok) {
      setDraft(draftKey, '');
      close(null);
    } else setProblem(answer.error);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      close(null);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <form
      aria-label={t('edit.label')}
      data-testid="edit-message"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={onKeyDown}
      className="rounded-lg border border-line-control bg-raised shadow-lift-1 focus-within:border-focus focus-within:shadow-[0_0_0_1px_var(--focus)]"
    >
      <textarea
        ref={field}
        aria-label={t('edit.label')}
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="composer-text thin-scroll block w-full resize-none bg-transparent px-3 pt-2.5 pb-1 text-md outline-none"
      />
      {files.length > 0 && (
        <ul aria-label={t('attach.list')} className="flex flex-wrap gap-1.5 px-3 pb-1">
          {files.map((file, index) => (
            <li key={`${index} ${file.path}`} className="flex items-center">
              <FileChip file={file} />
              <IconButton
                small
                icon={X}
                label={t('attach.remove', { name: file.name })}
                onClick={() => setFiles(files.filter((_, at) => at !== index))}
              />
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-1.5 px-1.5 pb-1.5">
        {problem === null ? (
          <p className="num min-w-0 flex-1 px-1.5 text-xs text-ink-3">
            {empty ? t('composer.writeFirst') : t('edit.setsAside', { count: later })}
          </p>
        ) : (
          <p role="alert" className="min-w-0 flex-1 px-1.5 text-xs text-stop-ink">
            {problem.message}
          </p>
        )}
        <span className="ml-auto flex gap-1.5">
          {kept !== '' && text !== sent.text && (
            <Button
              look="plain"
              icon={Undo2}
              onClick={() => {
                setText(sent.text);
                field.current?.focus();
              }}
            >
              {t('edit.asSent')}
            </Button>
          )}
          <Button look="plain" title={fixedKeyText('stop')} onClick={() => close(null)}>
            {t('action.cancel')}
          </Button>
          <Button look="go" icon={ArrowUp} title={fixedKeyText('send')} onClick={() => void send()}>
            {sending ? t('edit.sending') : t('edit.send')}
          </Button>
        </span>
      </div>
    </form>
  );
}
