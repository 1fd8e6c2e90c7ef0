import { ArrowUpToLine, FileText, GripVertical, Image, Pencil, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueuedMessage } from '#contract/events';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { partsOf } from './undo-plan.ts';
import type { useDragOrder } from './use-drag-order.ts';

interface QueueItemProps {
  item: QueuedMessage;
  position: number;
  count: number;
  /** Its own model, where it is not the one that answers now. */
  otherModel: string | null;
  grip: ReturnType<ReturnType<typeof useDragOrder>['grip']>;
  /** It is being dragged. */
  lifted: boolean;
  /** Where it would be let go: a line above or below it. */
  line: 'above' | 'below' | null;
  onMove: (by: -1 | 1) => void;
  onEdit: () => void;
  onSendNow: () => void;
  onRemove: () => void;
}

/** One waiting message: its grip, its number, one line of it, and what can be done with it. */
export function QueueItem(props: QueueItemProps) {
  const { item, position, count, otherModel, grip, lifted, line, onMove, onEdit, onSendNow, onRemove } = props;
  const { t } = useTranslation();
  const { text, files } = partsOf(item);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    onMove(event.key === 'ArrowUp' ? -1 : 1);
  };

  return (
    <li
      data-testid="queue-item"
      data-queue-row
      data-queue-id={item.id}
      onKeyDown={onKeyDown}
      className={classNames(
        'touch relative flex h-7.5 items-center gap-1.5 rounded-md pr-0.5 focus-within:bg-hover hover:bg-hover',
        lifted && 'bg-hover opacity-60',
        line !== null && 'before:absolute before:inset-x-1 before:z-10 before:h-0.5 before:rounded-sm before:bg-accent',
        line === 'above' && 'before:-top-px',
        line === 'below' && 'before:-bottom-px',
      )}
    >
      <button
        type="button"
        data-testid="queue-grip"
        {...grip}
        aria-label={t('queue.reorder', { position, count })}
        title={t('queue.reorderKeys')}
        className="touch-square grid h-6 w-5 flex-none cursor-grab touch-none place-items-center rounded-sm text-ink-3 -outline-offset-2! hover:text-ink active:cursor-grabbing"
      >
        <Icon of={GripVertical} size={14} />
      </button>
      <span className="num w-3.5 flex-none text-xs text-ink-3">{position}</span>
      <span className="min-w-0 flex-1 truncate" title={item.content}>
        {text}
      </span>
      {files.slice(0, 1).map((file) => (
        <span
          key={file.path}
          data-testid="queue-file"
          title={files.map((each) => each.name).join(', ')}
          className="inline-flex max-w-40 flex-none items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2"
        >
          <Icon of={file.type === 'image' ? Image : FileText} size={12} />
          <span className="truncate">{file.name}</span>
          {files.length > 1 && <span className="num">+{files.length - 1}</span>}
        </span>
      ))}
      {otherModel !== null && (
        <span className="max-w-40 flex-none truncate rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2">
          {otherModel}
        </span>
      )}
      <IconButton small data-testid="queue-edit" icon={Pencil} label={t('queue.edit')} onClick={onEdit} />
      <IconButton
        small
        data-testid="queue-send-now"
        icon={ArrowUpToLine}
        label={t('queue.sendNow')}
        onClick={onSendNow}
      />
      <IconButton
        small
        data-testid="queue-remove"
        data-then='[data-testid="queue-undo"]'
        icon={X}
        label={t('queue.remove')}
        onClick={onRemove}
      />
    </li>
  );
}
