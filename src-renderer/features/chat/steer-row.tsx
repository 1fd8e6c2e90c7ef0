import { CornerDownRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import { Icon } from '../../ui/icons.tsx';

/** What was sent into the running answer: a station on its rail. */
export function SteerRow({ row }: { row: Message }) {
  const { t } = useTranslation();
  return (
    <p
      className="station my-1 flex min-h-7 items-start gap-2 py-1 text-ink-2"
      data-testid="steer-row"
      data-message-id={row.id}
    >
      <Icon of={CornerDownRight} className="mt-0.5" />
      <span className="min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap">
        <span className="font-medium text-ink">{t('chat.steered')}</span> {row.content}
      </span>
    </p>
  );
}
