import { FileText, Image } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { inputText, type Message } from '#contract/message';
import { formatTime } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

/** What the person said, with its attachments as chips. */
export const UserMessage = memo(function UserMessage({ message }: { message: Message }) {
  const { t } = useTranslation();
  const files = message.content_blocks?.filter((block) => block.type !== 'text') ?? [];
  const text =
    files.length === 0
      ? message.content
      : inputText(message.content_blocks?.filter((block) => block.type === 'text') ?? []);
  return (
    <article
      data-testid="message-user"
      data-message-id={message.id}
      aria-label={t('chat.youAt', { time: formatTime(message.created_at_ms) })}
      className="rounded-lg bg-said px-3 py-2.5 text-md"
    >
      <p className="wrap-anywhere whitespace-pre-wrap">{text}</p>
      {files.length > 0 && (
        <p className="mt-1.5 flex flex-wrap gap-1.5">
          {files.map((file) => (
            <span
              key={file.path}
              className="inline-flex h-5 items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2"
            >
              <Icon of={file.type === 'image' ? Image : FileText} size={12} />
              {file.name}
            </span>
          ))}
        </p>
      )}
    </article>
  );
});
