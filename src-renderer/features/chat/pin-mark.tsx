import { Pin } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.tsx';

/** This message is always sent word for word. */
export function PinMark() {
  const { t } = useTranslation();
  return (
    <span
      data-testid="pin-mark"
      title={t('pin.hint')}
      className="mb-0.5 flex w-fit items-center gap-1 text-xs text-ink-3 select-none"
    >
      <Icon of={Pin} size={12} />
      {t('pin.mark')}
    </span>
  );
}
