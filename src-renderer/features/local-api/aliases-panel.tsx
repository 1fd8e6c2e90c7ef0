import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type AliasProblem, checkAlias, readTarget, withAlias, withoutAlias } from './check-alias.ts';

interface AliasesPanelProps {
  aliases: Settings['modelAliases'];
  profiles: readonly ProfileRecord[];
  onChange: (values: Partial<Settings>) => Promise<AppError | null>;
}

const NOTHING = { name: '', target: '' };

/** Names of a person's own for models, for programs that insist on names of theirs. */
export function AliasesPanel({ aliases, profiles, onChange }: AliasesPanelProps) {
  const { t } = useTranslation();
  const [alias, setAlias] = useState(NOTHING);
  const [before, setBefore] = useState<string | null>(null);
  const [problem, setProblem] = useState<AliasProblem | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const names = profiles.map((profile) => profile.name);

  const store = async (next: Record<string, string>) => {
    const error = await onChange({ modelAliases: next });
    setRefused(error?.message ?? null);
    return error === null;
  };
  const write = (field: keyof typeof NOTHING, text: string) => {
    setAlias({ ...alias, [field]: text });
    setProblem(null);
  };
  const done = () => {
    setAlias(NOTHING);
    setBefore(null);
    setProblem(null);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const found = checkAlias(alias, { aliases, profiles: names, before });
    setProblem(found);
    if (found === null && (await store(withAlias(aliases, alias, before)))) done();
  };
  const said = (field: keyof typeof NOTHING) =>
    problem?.field === field ? t(`localApi.aliases.problem.${field}-${problem.reason}`) : undefined;
  const { profile, model } = readTarget(alias.target.trim(), names);

  return (
    <section aria-labelledby="aliases" className="min-w-0">
      <h2 id="aliases" className="mb-2">
        {t('localApi.aliases.title')}
      </h2>
      <div className="divide-y divide-line rounded-lg border border-line bg-raised">
        {Object.keys(aliases).length === 0 ? (
          <p className="px-4 py-3 text-ink-2">{t('localApi.aliases.none')}</p>
        ) : (
          <ul aria-label={t('localApi.aliases.title')} className="divide-y divide-line">
            {Object.entries(aliases).map(([name, target]) => (
              <li key={name} className="flex flex-wrap items-center gap-2 px-4 py-2">
                <p className="min-w-0 flex-[1_1_12rem] wrap-anywhere">
                  <code>{name}</code> <span className="text-ink-3">{t('localApi.aliases.standsFor')}</span>{' '}
                  <code>{target}</code>
                </p>
                <Button
                  look="plain"
                  aria-label={t('localApi.aliases.changeOf', { name })}
                  onClick={() => {
                    setAlias({ name, target });
                    setBefore(name);
                    setProblem(null);
                  }}
                >
                  {t('localApi.aliases.change')}
                </Button>
                <Button
                  look="plain"
                  aria-label={t('localApi.aliases.removeOf', { name })}
                  onClick={() => {
                    if (before === name) done();
                    void store(withoutAlias(aliases, name));
                  }}
                >
                  {t('localApi.aliases.remove')}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form className="grid gap-3 px-4 py-3" onSubmit={(event) => void save(event)}>
          <div className="grid grid-cols-2 gap-3 max-word:grid-cols-1">
            <TextField
              mono
              label={t('localApi.aliases.name')}
              data-testid="alias-name"
              value={alias.name}
              problem={said('name')}
              onChange={(event) => write('name', event.target.value)}
            />
            <TextField
              mono
              label={t('localApi.aliases.target')}
              data-testid="alias-target"
              value={alias.target}
              problem={said('target')}
              hint={
                model === ''
                  ? undefined
                  : profile === null
                    ? t('localApi.aliases.ofEndpoint', { model })
                    : t('localApi.aliases.ofProfile', { model, profile })
              }
              onChange={(event) => write('target', event.target.value)}
            />
          </div>
          {refused !== null && (
            <p role="alert" className="text-stop-ink">
              {refused}
            </p>
          )}
          <div className="flex gap-2">
            <Button type="submit" data-testid="save-alias">
              {before === null ? t('localApi.aliases.add') : t('action.save')}
            </Button>
            {before !== null && (
              <Button look="plain" onClick={done}>
                {t('action.cancel')}
              </Button>
            )}
          </div>
        </form>
      </div>
    </section>
  );
}
