import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { ModelOverride } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { formatTokens } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { ModelPriceForm } from './model-price-form.tsx';
import { Group, Row, Setting } from './settings-group.tsx';

/** What models cost and take, as a person knows it: it goes before the list that ships. */
export function ModelPrices({ profiles }: { profiles: readonly ProfileRecord[] }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [entries, setEntries] = useState<readonly ModelOverride[]>([]);
  const [problem, setProblem] = useState<AppError | null>(null);
  /** The entry that is being written: an id, or null for a new one. */
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    void api.request('models.overrides', {}).then((answer) => {
      if (answer.ok) setEntries(answer.data.overrides);
      setProblem(answer.ok ? null : answer.error);
    });
  }, [api]);
  const remove = async (id: string) => {
    const answer = await api.request('models.deleteOverride', { id });
    if (answer.ok) setEntries(answer.data.overrides);
    setProblem(answer.ok ? null : answer.error);
  };
  const done = (saved: readonly ModelOverride[] | null) => {
    if (saved !== null) setEntries(saved);
    setEditing(undefined);
  };
  const factsOf = (entry: ModelOverride) =>
    [
      entry.input === null
        ? null
        : t('prices.inOut', { input: entry.input, output: entry.output ?? '–', currency: entry.currency }),
      entry.cacheRead === null ? null : t('prices.cacheReadAt', { price: entry.cacheRead }),
      entry.contextTokens === null ? null : t('prices.takes', { tokens: formatTokens(entry.contextTokens) }),
    ]
      .filter((fact) => fact !== null)
      .join(' · ');

  return (
    <Group name="prices" title={t('prices.title')}>
      <Row title={t('prices.own')} hint={t('prices.ownHint')}>
        <Button icon={Plus} data-testid="add-price" onClick={() => setEditing(null)}>
          {t('prices.add')}
        </Button>
      </Row>
      {problem !== null && (
        <p role="alert" className="px-4 py-2 text-stop-ink">
          {problem.message}
        </p>
      )}
      {editing === null && <ModelPriceForm entry={null} profiles={profiles} onDone={done} />}
      {entries.map((entry) =>
        entry.id === editing ? (
          <ModelPriceForm key={entry.id} entry={entry} profiles={profiles} onDone={done} />
        ) : (
          <Setting
            key={entry.id}
            words={[entry.model, entry.profile ?? '']}
            testId="model-price"
            className="flex items-center gap-3 px-4 py-2"
          >
            <div className="min-w-0 flex-1">
              <p className="truncate">
                <code className="text-xs">{entry.model}</code>{' '}
                <span className="text-ink-3">
                  {entry.profile === null ? t('prices.everywhere') : t('prices.at', { profile: entry.profile })}
                </span>
              </p>
              <p className="num text-xs text-ink-3">{factsOf(entry)}</p>
            </div>
            <IconButton
              small
              icon={Pencil}
              label={t('prices.change', { model: entry.model })}
              onClick={() => setEditing(entry.id)}
            />
            <IconButton
              small
              icon={Trash2}
              label={t('prices.remove', { model: entry.model })}
              onClick={() => void remove(entry.id)}
            />
          </Setting>
        ),
      )}
    </Group>
  );
}
