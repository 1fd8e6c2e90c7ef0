import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { isComposing } from '../../ui/is-composing.ts';

interface QueueEditProps {
  position: number;
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
  onCancel: () => void;
}

/** A waiting message that is being written anew, in its own place. */
export function QueueEdit({ position, text, onChange, onSave, onCancel }: QueueEditProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    element?.scrollIntoView({ block: 'nearest' });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      onSave();
    }
  };
  return (
    <li
      data-testid="queue-item"
      data-queue-row
      onKeyDown={onKeyDown}
      className="flex items-end gap-1.5 rounded-md bg-hover p-1"
    >
      <textarea
        ref={field}
        data-testid="queue-edit-input"
        aria-label={t('queue.editLabel', { position })}
        value={text}
        rows={1}
        onChange={(event) => onChange(event.target.value)}
        className="thin-scroll [field-sizing:content] max-h-40 min-w-0 flex-1 resize-none rounded-md border border-line-control bg-raised px-2 py-[3px]"
      />
      <Button title={fixedKeyText('send')} onClick={onSave}>
        {t('action.save')}
      </Button>
      <Button look="plain" title={fixedKeyText('stop')} onClick={onCancel}>
        {t('action.cancel')}
      </Button>
    </li>
  );
}
