import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import type { ModelOverride } from '#contract/usage-report';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { readAmount, readCurrency } from '../../ui/read-amount.ts';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import { readNumber } from './read-number.ts';

const PRICES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;
type Field = (typeof PRICES)[number] | 'model' | 'currency' | 'contextTokens';

const WINDOW_RANGE = { min: 1, max: 100_000_000 };

interface ModelPriceFormProps {
  entry: ModelOverride | null;
  profiles: readonly ProfileRecord[];
  /** Gets the whole table after it was stored; null when nothing was. */
  onDone: (saved: readonly ModelOverride[] | null) => void;
}

/** Prices by million tokens, and what a model takes at once. */
export function ModelPriceForm({ entry, profiles, onDone }: ModelPriceFormProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [profile, setProfile] = useState(entry?.profile ?? '');
  const [texts, setTexts] = useState<Record<Field, string>>({
    model: entry?.model ?? '',
    currency: entry?.currency ?? 'USD',
    input: entry?.input ?? '',
    output: entry?.output ?? '',
    cacheRead: entry?.cacheRead ?? '',
    cacheWrite: entry?.cacheWrite ?? '',
    cacheWrite1h: entry?.cacheWrite1h ?? '',
    contextTokens: entry?.contextTokens == null ? '' : String(entry.contextTokens),
  });
  const [problem, setProblem] = useState<{ field: Field; message: string } | null>(null);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const written = (field: Field) => readAmount(texts[field]);
    const currency = readCurrency(texts.currency);
    if (currency === null) {
      setProblem({ field: 'currency', message: t('usage.currencyForm') });
      return;
    }
    const window = texts.contextTokens.trim() === '' ? null : readNumber(texts.contextTokens, WINDOW_RANGE);
    if (window === null && texts.contextTokens.trim() !== '') {
      setProblem({ field: 'contextTokens', message: t('settings.outOfRange', { ...WINDOW_RANGE }) });
      return;
    }
    const answer = await api.request('models.saveOverride', {
      ...(entry === null ? {} : { id: entry.id }),
      profile: profile === '' ? null : profile,
      model: texts.model.trim(),
      currency,
      input: written('input'),
      output: written('output'),
      cacheRead: written('cacheRead'),
      cacheWrite: written('cacheWrite'),
      cacheWrite1h: written('cacheWrite1h'),
      contextTokens: window,
    });
    if (answer.ok) {
      onDone(answer.data.overrides);
      return;
    }
    const named = answer.error.details?.['field'];
    const field = typeof named === 'string' && named in texts ? (named as Field) : 'model';
    setProblem({ field, message: answer.error.message });
  };
  const field = (name: Field) => ({
    label: t(`prices.fields.${name}`),
    value: texts[name],
    problem: problem?.field === name ? problem.message : undefined,
    onChange: (event: { target: { value: string } }) => {
      const { value } = event.target;
      setTexts((known) => ({ ...known, [name]: value }));
      setProblem(null);
    },
  });

  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-3 px-4 py-3">
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1.4fr)_6rem] gap-3 max-word:grid-cols-1">
        <TextField
          {...field('model')}
          autoFocus
          mono
          required
          placeholder="gpt-4o*"
          hint={t('prices.starHint')}
          data-testid="price-model"
        />
        <SelectField
          label={t('prices.profile')}
          value={profile}
          onChange={(event) => setProfile(event.target.value)}
          options={[
            { value: '', label: t('prices.everywhere') },
            ...profiles.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
        <TextField {...field('currency')} />
      </div>
      <p className="text-xs text-ink-3">{t('prices.perMillion')}</p>
      <div className="grid grid-cols-3 gap-3 max-word:grid-cols-2">
        {PRICES.map((name) => (
          <TextField
            key={name}
            {...field(name)}
            inputMode="decimal"
            className="num text-right"
            data-testid={`price-${name}`}
          />
        ))}
        <TextField
          {...field('contextTokens')}
          inputMode="numeric"
          className="num text-right"
          data-testid="price-contextTokens"
        />
      </div>
      <div className="flex gap-2">
        <Button type="submit" data-testid="save-price">
          {t('prices.save')}
        </Button>
        <Button look="plain" onClick={() => onDone(null)}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
