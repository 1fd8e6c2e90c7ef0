import { Check, Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { useCopy } from '../../ui/use-copy.ts';

/** Copies a text and says so for a moment. `of` names what it copies, for who does not see where it stands. */
export function CopyButton({ text, of, testId }: { text: string; of: string; testId?: string }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  return (
    <Button
      look="plain"
      icon={state === 'copied' ? Check : Copy}
      data-testid={testId}
      aria-label={state === 'idle' ? of : undefined}
      onClick={() => copy(text)}
    >
      {state === 'copied' ? t('action.copied') : state === 'refused' ? t('action.refused') : t('action.copy')}
    </Button>
  );
}
