import { Pin, PinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import { IconButton } from '../../ui/icon-button.tsx';
import { useTurnPlace } from './turn-actions.ts';

/** Has a message always sent word for word, whatever is compacted. */
export function PinButton({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  const pinned = message.pinned === true;
  return (
    <IconButton
      small
      data-testid="pin"
      aria-pressed={pinned}
      icon={pinned ? PinOff : Pin}
      label={t(pinned ? 'pin.off' : 'pin.on')}
      onClick={() => actions.pin(message.id, !pinned)}
    />
  );
}
