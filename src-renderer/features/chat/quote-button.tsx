import { Quote } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/icon-button.tsx';
import { selectedWithin } from './quotation.ts';
import { useTurnPlace } from './turn-actions.ts';

/** Quotes what is selected in its message, or all of it. */
export function QuoteButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <IconButton
      ref={button}
      small
      data-testid="quote"
      icon={Quote}
      label={t('chat.quote')}
      // The press itself would end the selection.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => actions.quote(selectedWithin(button.current?.closest('article') ?? null) || text)}
    />
  );
}
