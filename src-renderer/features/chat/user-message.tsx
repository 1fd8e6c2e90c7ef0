import { Check, Copy, GitBranch, Pencil } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import { formatTime } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { useChatStore } from './chat-store.ts';
import { DamagedNote } from './damaged-note.tsx';
import { DeleteButton } from './delete-button.tsx';
import { EditMessage } from './edit-message.tsx';
import { LongText } from './long-text.tsx';
import { MessageFiles } from './message-files.tsx';
import { partsOf } from './message-input.ts';
import { PinButton } from './pin-button.tsx';
import { PinMark } from './pin-mark.tsx';
import { QuoteButton } from './quote-button.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** What the person said, with its files. Edited, it becomes a composer in its own place. `live`: it is being answered. */
export const UserMessage = memo(function UserMessage({ message, live }: { message: Message; live: boolean }) {
  const { t } = useTranslation();
  const { sessionId, actions } = useTurnPlace();
  const { state, copy } = useCopy();
  const editing = useChatStore((store) => store.editingMessageId === message.id);
  const edit = useChatStore((store) => store.editMessage);
  const { text, files } = partsOf(message);
  if (editing) return <EditMessage sessionId={sessionId} message={message} />;
  return (
    <article
      data-testid="message-user"
      data-message-id={message.id}
      aria-label={t('chat.youAt', { time: formatTime(message.created_at_ms) })}
      className="group/said relative rounded-lg bg-said px-3 py-2.5 text-md"
    >
      {message.pinned === true && <PinMark />}
      {text !== '' && <LongText text={text} find />}
      <MessageFiles files={files} />
      {message.damaged === true && <DamagedNote />}
      <div className="absolute right-1.5 -bottom-3 z-10 flex rounded-md border border-line bg-raised opacity-0 shadow-lift-1 group-focus-within/said:opacity-100 group-hover/said:opacity-100 pointer-coarse:static pointer-coarse:-mx-1.5 pointer-coarse:mt-1 pointer-coarse:-mb-1.5 pointer-coarse:justify-end pointer-coarse:border-0 pointer-coarse:bg-transparent pointer-coarse:opacity-100 pointer-coarse:shadow-none">
        <IconButton small data-testid="edit" icon={Pencil} label={t('edit.open')} onClick={() => edit(message.id)} />
        {text !== '' && (
          <IconButton
            small
            icon={state === 'copied' ? Check : Copy}
            label={t(state === 'idle' ? 'action.copy' : `action.${state}`)}
            onClick={() => copy(text)}
          />
        )}
        {!live && <PinButton message={message} />}
        <IconButton
          small
          data-testid="fork"
          icon={GitBranch}
          label={t('chat.fork')}
          onClick={() => actions.fork(message.id)}
        />
        {text !== '' && <QuoteButton text={text} />}
        {!live && <DeleteButton messageId={message.id} />}
      </div>
    </article>
  );
});
