import { Undo2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, ErrorCode } from '#contract/errors';
import type { QueuedMessage, QueuePauseReason } from '#contract/events';
import { newId } from '#contract/ids';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { moved } from './drop-index.ts';
import { lineOfDrop } from './held-drag.ts';
import { QueueEdit } from './queue-edit.tsx';
import { QueueHeader } from './queue-header.tsx';
import { QueueItem } from './queue-item.tsx';
import { type FileBlock, partsOf } from './undo-plan.ts';
import { useDragOrder } from './use-drag-order.ts';
import { useRemoval } from './use-removal.ts';

interface QueuePanelProps {
  sessionId: string;
  items: QueuedMessage[];
  paused: QueuePauseReason | null;
  running: boolean;
  /** Who answers here now. */
  model: string | null;
  /** The newest run, once it has ended. */
  ended: { runId: string; succeeded: boolean; code: ErrorCode | null } | null;
  editingId: string | null;
  onEditing: (queueId: string | null) => void;
  /** What would be lost goes to the composer. */
  onKeep: (text: string, files: readonly FileBlock[]) => void;
}

/** An order of the whole queue that was asked for and is not confirmed yet: shown while the queue is the one it was made of. */
interface Wish {
  of: readonly QueuedMessage[];
  order: readonly QueuedMessage[];
}

/** What waits, above the gate: what happens next in words, and every item in reach. */
export function QueuePanel(props: QueuePanelProps) {
  const { sessionId, items, paused, running, model, ended, editingId, onEditing, onKeep } = props;
  const { t } = useTranslation();
  const { api } = useCore();
  const [problem, setProblem] = useState<AppError | null>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  const [draft, setDraft] = useState<{ id: string; text: string; before: string } | null>(null);
  /** An edited message went out before it was saved. */
  const [overtaken, setOvertaken] = useState<{ text: string | null } | null>(null);
  const [announcement, setAnnouncement] = useState('');
  /** The answer that is made again, before the others go out. */
  const [retried, setRetried] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const session = { session_id: sessionId };

  const report = (result: { ok: true } | { ok: false; error: AppError }) => setProblem(result.ok ? null : result.error);
  const { removal, shown, remove, undo, settle, hold } = useRemoval({
    sessionId,
    items,
    standing: { paused, running },
    onKeep,
    onFailure: setProblem,
  });
  const whole = wish?.of === items ? wish.order : items;
  // What is being taken away is not shown, and still counts for the core.
  const order = whole.filter((item) => shown.includes(item));

  const move = async (item: QueuedMessage, from: number, to: number) => {
    const neighbour = order[to];
    if (neighbour === undefined || from === to) return;
    const position = whole.indexOf(neighbour);
    setWish({ of: items, order: moved(whole, whole.indexOf(item), position) });
    setAnnouncement(t('queue.moved', { position: to + 1, count: order.length }));
    const result = await api.request('chat.queue_move', { ...session, queue_id: item.id, position });
    report(result);
    if (!result.ok) setWish(null);
  };
  const ids = order.map((item) => item.id);
  const { drag, grip } = useDragOrder(list, ids, (id, to) => {
    const from = ids.indexOf(id);
    const item = order[from];
    if (item !== undefined) void move(item, from, to);
  });

  // ↑ in the composer opens the editor from outside.
  const edited = items.find((item) => item.id === editingId);
  if (edited !== undefined && draft?.id !== edited.id) {
    setDraft({ id: edited.id, text: textOf(edited), before: textOf(edited) });
    setOvertaken(null);
  }
  // It went out while it was being edited. What was changed in it is not lost.
  if (editingId !== null && edited === undefined && draft?.id === editingId) {
    setDraft(null);
    setOvertaken({ text: draft.text === draft.before ? null : draft.text });
  }
  const keep = useRef(onKeep);
  const endEdit = useRef(onEditing);
  useEffect(() => {
    keep.current = onKeep;
    endEdit.current = onEditing;
  });
  useEffect(() => {
    if (overtaken === null) return;
    endEdit.current(null);
    if (overtaken.text !== null) keep.current(overtaken.text, []);
  }, [overtaken]);

  const save = async () => {
    if (draft === null || edited === undefined) return;
    const { files } = partsOf(edited);
    const blank = draft.text.trim() === '';
    const words = { type: 'text' as const, text: draft.text };
    if (blank && files.length === 0) return;
    const input = files.length === 0 ? draft.text : blank ? files : [words, ...files];
    const result = await api.request('chat.queue_edit', { ...session, queue_id: draft.id, input });
    if (!result.ok && result.error.code === 'conflict') return;
    report(result);
    if (!result.ok) return;
    setDraft(null);
    onEditing(null);
  };
  const cancel = () => {
    setDraft(null);
    onEditing(null);
  };

  const resume = async () => {
    await settle();
    report(await api.request('chat.queue_resume', session));
  };
  const retry = async () => {
    if (ended === null) return;
    await settle();
    const again = await api.request('chat.regenerate', { ...session, run_id: ended.runId, queue_id: newId() });
    report(again);
    if (again.ok) setRetried(again.data.run_id);
  };
  // The others follow an answer that succeeded; one that failed again leaves them where they are.
  const follows = ended !== null && ended.succeeded && ended.runId === retried;
  const goOn = useRef<() => void>(() => undefined);
  useEffect(() => {
    goOn.current = () => void resume().then(() => setRetried(null));
  });
  useEffect(() => {
    if (follows) goOn.current();
  }, [follows]);

  const says = overtaken !== null && overtaken.text !== null;
  if (order.length === 0 && removal === null && !says && problem === null) return null;
  return (
    <section
      aria-label={t('queue.count', { count: order.length })}
      data-testid="queue-panel"
      data-paused={paused ?? 'no'}
      className="-mb-2.5 rounded-t-lg bg-said px-1 pt-1 pb-3.5"
    >
      {order.length > 0 && (
        <QueueHeader
          count={order.length}
          paused={paused}
          running={running}
          failure={ended?.code ?? null}
          retrying={running && retried !== null}
          onPause={() => void api.request('chat.queue_pause', session).then(report)}
          onResume={() => void resume()}
          onRetry={() => void retry()}
          onClear={() => remove(order.map((item) => item.id))}
        />
      )}
      <ol ref={list} className="thin-scroll max-h-37.5 overflow-auto">
        {order.map((item, index) =>
          draft !== null && draft.id === item.id && editingId === item.id ? (
            <QueueEdit
              key={item.id}
              position={index + 1}
              text={draft.text}
              onChange={(text) => setDraft({ ...draft, text })}
              onSave={() => void save()}
              onCancel={cancel}
            />
          ) : (
            <QueueItem
              key={item.id}
              item={item}
              position={index + 1}
              count={order.length}
              otherModel={item.model === undefined || item.model === model ? null : item.model}
              grip={grip(item.id)}
              lifted={drag?.id === item.id}
              line={lineOfDrop(ids, drag, index)}
              onMove={(by) => void move(item, index, index + by)}
              onEdit={() => onEditing(item.id)}
              onSendNow={() => void settle().then(() => sendNow(item.id))}
              onRemove={() => remove([item.id])}
            />
          ),
        )}
      </ol>
      {removal !== null && (
        <div
          data-testid="queue-removed"
          onPointerEnter={() => hold(true)}
          onPointerLeave={() => hold(false)}
          onFocus={() => hold(true)}
          onBlur={() => hold(false)}
          className="flex h-7.5 items-center gap-2 pl-2 text-xs text-ink-3"
        >
          <p role="status" className="min-w-0 flex-1 truncate">
            {removal.taken.length === 1
              ? t('queue.removedOne', { text: textOf(removal.taken[0]?.item) })
              : t('queue.removedMany', { count: removal.taken.length })}
          </p>
          <Button
            look="plain"
            data-testid="queue-undo"
            data-then='[data-testid="queue-grip"]'
            icon={Undo2}
            className="h-6 text-xs"
            onClick={undo}
          >
            {t('queue.undo')}
          </Button>
        </div>
      )}
      {says && (
        <div className="flex items-center gap-2 pl-2 text-xs">
          <p role="alert" data-testid="queue-overtaken" className="min-w-0 flex-1 py-1 text-ink-2">
            {t('queue.overtaken')}
          </p>
          <Button look="plain" className="h-6 text-xs" onClick={() => setOvertaken(null)}>
            {t('queue.seen')}
          </Button>
        </div>
      )}
      {problem !== null && (
        <div className="flex items-center gap-2 pl-2 text-xs">
          <p role="alert" data-testid="queue-problem" className="min-w-0 flex-1 py-1 text-stop-ink">
            {problem.message}
          </p>
          <Button look="plain" className="h-6 text-xs" onClick={() => setProblem(null)}>
            {t('queue.seen')}
          </Button>
        </div>
      )}
      <p role="status" aria-live="polite" className="sr-only">
        {announcement}
      </p>
    </section>
  );

  async function sendNow(queueId: string): Promise<void> {
    report(await api.request('chat.queue_send_now', { ...session, queue_id: queueId }));
  }
}

function textOf(item: QueuedMessage | undefined): string {
  return item === undefined ? '' : partsOf(item).text;
}
