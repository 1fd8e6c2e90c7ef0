import { RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Credit, TellsCredit } from '#contract/credit';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { DrawerSection } from '../../ui/drawer.tsx';
import { formatMoment } from '../../ui/format.ts';
import { formatMoney } from '../../ui/format-money.ts';
import { listText } from '../../ui/join-text.ts';

interface KeyCreditProps {
  credentialId: string;
  /** Says something to whoever listens instead of looking. */
  onSaid: (text: string) => void;
}

/**
 * What the provider says is left. Asked by itself only where a provider is known to tell; others are asked by a press, and
 * where it is known that one does not tell, nothing stands here.
 */
export function KeyCredit({ credentialId, onSaid }: KeyCreditProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [known, setKnown] = useState<{ tells: TellsCredit; credit: Credit | null } | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const [isAsking, setIsAsking] = useState(false);

  useEffect(() => {
    let isGone = false;
    void api.request('credentials.credit', { credentialId }).then((answer) => {
      // Nobody asked for it, so a failure is told once somebody does.
      if (!isGone) setKnown(answer.ok ? answer.data : { tells: 'yes', credit: null });
    });
    return () => {
      isGone = true;
    };
  }, [api, credentialId]);

  const ask = async () => {
    setIsAsking(true);
    const answer = await api.request('credentials.credit', { credentialId, fresh: true });
    setIsAsking(false);
    setProblem(answer.ok ? null : answer.error);
    if (answer.ok) setKnown(answer.data);
    if (!answer.ok) onSaid(answer.error.message);
    else if (answer.data.credit !== null) onSaid(leftWords(answer.data.credit));
  };

  const leftWords = ({ of, amounts }: Credit) => {
    const left = sum(amounts.map(({ left: amount, currency }) => ({ amount, currency })));
    return left === '' ? t('credentials.credit.noLimit') : t(`credentials.credit.left.${of}`, { amount: left });
  };

  if (known === null || known.tells === 'no') return null;
  const { credit } = known;
  const used = sum((credit?.amounts ?? []).map(({ used: amount, currency }) => ({ amount, currency })));
  const asked = credit === null ? '' : t('credentials.credit.asked', { when: formatMoment(credit.askedAtMs) });
  return (
    <DrawerSection title={t('credentials.credit.title')}>
      {credit !== null && (
        <div data-testid="key-credit">
          <p className="num">{leftWords(credit)}</p>
          <p className="text-xs text-ink-3">
            {used === '' ? asked : listText([t('credentials.credit.used', { amount: used }), asked])}
          </p>
        </div>
      )}
      {known.tells === 'maybe' && credit === null && problem === null && (
        <p className="text-xs text-ink-3">{t('credentials.credit.maybe')}</p>
      )}
      {problem !== null && (
        <p role="alert" className="break-words text-ink-2">
          {problem.message}
        </p>
      )}
      <div>
        <Button icon={RefreshCw} disabled={isAsking} onClick={() => void ask()} data-testid="ask-credit">
          {t(credit === null ? 'credentials.credit.ask' : 'credentials.credit.again')}
        </Button>
      </div>
    </DrawerSection>
  );
}

/** "¥110.00 + $2.50"; what is not told is left out. */
function sum(amounts: { amount: string | null; currency: string }[]): string {
  return amounts
    .flatMap(({ amount, currency }) => (amount === null ? [] : [formatMoney(amount, currency)]))
    .join(' + ');
}
