import { FileWarning } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.tsx';

/** A part of a stored row could not be read; what could stands above. */
export function DamagedNote() {
  const { t } = useTranslation();
  return (
    <p data-testid="damaged" className="mt-1 flex items-center gap-1.5 text-xs text-ink-3">
      <Icon of={FileWarning} size={14} />
      {t('chat.damaged')}
    </p>
  );
}
