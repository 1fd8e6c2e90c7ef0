import { ArrowUpToLine, Pencil, X } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { QueuedMessage } from '#contract/events';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';

interface QueueItemProps {
  sessionId: string;
  item: QueuedMessage;
  position: number;
  /** Its own model, where it is not the one that answers now. */
  otherModel: string | null;
  onResult: (result: { ok: true } | { ok: false; error: AppError }) => void;
}

/** One waiting message: its number, one line of it, and what can be done with it. */
export function QueueItem({ sessionId, item, position, otherModel, onResult }: QueueItemProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [edit, setEdit] = useState<string | null>(null);
  const target = { session_id: sessionId, queue_id: item.id };

  const save = async () => {
    if (edit === null || edit.trim() === '') return;
    const result = await api.request('chat.queue_edit', { ...target, input: edit });
    onResult(result);
    if (result.ok) setEdit(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      setEdit(null);
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void save();
    }
  };

  if (edit !== null) {
    return (
      <li data-testid="queue-item" className="flex items-start gap-1.5 rounded-md bg-hover p-1">
        <textarea
          autoFocus
          aria-label={t('queue.editLabel', { position })}
          value={edit}
          rows={1}
          onChange={(event) => setEdit(event.target.value)}
          onKeyDown={onKeyDown}
          className="thin-scroll [field-sizing:content] max-h-40 min-w-0 flex-1 resize-none rounded-md border border-line-control bg-raised px-2 py-1"
        />
        <Button onClick={() => void save()}>{t('action.save')}</Button>
        <Button look="plain" onClick={() => setEdit(null)}>
          {t('action.cancel')}
        </Button>
      </li>
    );
  }
  return (
    <li
      data-testid="queue-item"
      className="group touch flex h-7.5 items-center gap-1.5 rounded-md pr-0.5 pl-2 focus-within:bg-hover hover:bg-hover"
    >
      <span className="num w-4 flex-none text-xs text-ink-3">{position}</span>
      <span className="min-w-0 flex-1 truncate" title={item.content}>
        {item.content}
      </span>
      {otherModel !== null && (
        <span className="flex-none rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2">
          {otherModel}
        </span>
      )}
      <IconButton small icon={Pencil} label={t('queue.edit')} onClick={() => setEdit(item.content)} />
      <IconButton
        small
        icon={ArrowUpToLine}
        label={t('queue.sendNow')}
        onClick={() => void api.request('chat.queue_send_now', target).then(onResult)}
      />
      <IconButton
        small
        data-testid="queue-remove"
        icon={X}
        label={t('queue.remove')}
        onClick={() => void api.request('chat.cancel_queued_run', target).then(onResult)}
      />
    </li>
  );
}
