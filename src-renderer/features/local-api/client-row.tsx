import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LocalApiState } from '#contract/programs';
import type { SpendCap } from '#contract/usage-report';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatMoment } from '../../ui/format.ts';
import { formatMoney, formatShare } from '../../ui/format-money.ts';
import { CapForm } from './cap-form.tsx';

type Client = LocalApiState['clients'][number];

/** A program with a key: when it asked last, what it may spend and has spent. */
export function ClientRow({
  client,
  onCap,
  onRevoke,
}: {
  client: Client;
  /** Returns the core's refusal. */
  onCap: (cap: SpendCap | null) => Promise<string | null>;
  onRevoke: () => void;
}) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const used =
    client.lastUsedAtMs === null
      ? t('localApi.neverUsed')
      : t('localApi.lastUsed', { at: formatMoment(client.lastUsedAtMs) });
  return (
    <li className="px-4 py-2">
      <div className="flex items-center gap-x-1.5 gap-y-2 max-word:flex-wrap">
        <div className="min-w-0 flex-1 pr-1.5 max-word:basis-full">
          <p className="truncate font-medium">{client.name}</p>
          <p className="text-xs wrap-anywhere text-ink-3">
            <code>{client.mask}</code> · {used}
          </p>
          {client.spend !== null && <Spend spend={client.spend} />}
        </div>
        <Button
          data-testid="client-limit"
          aria-expanded={editing}
          aria-label={t('localApi.limitOf', { name: client.name })}
          onClick={() => setEditing(!editing)}
        >
          {t('localApi.limit')}
        </Button>
        <Button look="danger" onClick={onRevoke} aria-label={t('localApi.revokeOf', { name: client.name })}>
          {t('localApi.revoke')}
        </Button>
      </div>
      {editing && <CapForm cap={client.cap} onSave={onCap} onDone={() => setEditing(false)} />}
    </li>
  );
}

function Spend({ spend }: { spend: NonNullable<Client['spend']> }) {
  const { t } = useTranslation();
  const { spent, limit, currency, share, state, period, unpricedCalls, foreignCalls } = spend;
  return (
    <>
      <p
        data-testid="client-spend"
        className={classNames(
          'num text-xs',
          state === 'reached' ? 'text-stop-ink' : state === 'near' ? 'text-wait-ink' : 'text-ink-2',
        )}
      >
        {t(`localApi.spent.${period}`, {
          spent: formatMoney(spent, currency),
          limit: formatMoney(limit, currency),
          share: formatShare(share),
        })}
        {state === 'reached' && ` ${t('localApi.refused')}`}
      </p>
      {unpricedCalls > 0 && <p className="text-xs text-ink-3">{t('usage.notCounted', { count: unpricedCalls })}</p>}
      {foreignCalls > 0 && (
        <p className="text-xs text-ink-3">{t('localApi.foreign', { count: foreignCalls, currency })}</p>
      )}
    </>
  );
}
