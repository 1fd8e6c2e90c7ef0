import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import type { Settings } from '#contract/settings';
import { SelectField } from '../../ui/text-field.tsx';

type ProfileSetting = 'messagesProfile' | 'completionsProfile' | 'responsesProfile';

/** What is served, by path; with the setting that says who answers a bare name of a model there. */
const ENDPOINTS = [
  { path: '/v1/messages', what: 'messages', setting: 'messagesProfile' },
  { path: '/v1/chat/completions', what: 'completions', setting: 'completionsProfile' },
  { path: '/v1/responses', what: 'responses', setting: 'responsesProfile' },
  { path: '/v1/messages/count_tokens', what: 'count', setting: null },
  { path: '/cc/v1/messages', what: 'buffered', setting: null },
  { path: '/v1/models', what: 'models', setting: null },
  { path: '/api', what: 'runs', setting: null },
] as const satisfies readonly { path: string; what: string; setting: ProfileSetting | null }[];

interface EndpointsPanelProps {
  settings: Settings;
  profiles: readonly ProfileRecord[];
  onChange: (values: Partial<Settings>) => Promise<AppError | null>;
}

/** The doors, and who answers behind each of them where a program names a model without a profile. */
export function EndpointsPanel({ settings, profiles, onChange }: EndpointsPanelProps) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="endpoints" className="min-w-0">
      <h2 id="endpoints" className="mb-2">
        {t('localApi.endpoints.title')}
      </h2>
      <ul className="divide-y divide-line rounded-lg border border-line bg-raised">
        {ENDPOINTS.map(({ path, what, setting }) => (
          <li key={path} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2">
            <div className="min-w-0 flex-[1_1_14rem]">
              <code className="wrap-anywhere">{path}</code>
              <p className="text-xs text-ink-3">{t(`localApi.endpoints.${what}`)}</p>
            </div>
            {setting !== null && (
              <ProfileChoice
                path={path}
                value={settings[setting]}
                fallback={settings.defaultProfile}
                profiles={profiles}
                onChange={(profile) => void onChange({ [setting]: profile })}
              />
            )}
          </li>
        ))}
      </ul>
      <p className="mt-2 text-xs text-ink-3">{t('localApi.endpoints.note')}</p>
    </section>
  );
}

interface ProfileChoiceProps {
  path: string;
  value: string;
  fallback: string;
  profiles: readonly ProfileRecord[];
  onChange: (profile: string) => void;
}

function ProfileChoice({ path, value, fallback, profiles, onChange }: ProfileChoiceProps) {
  const { t } = useTranslation();
  const isGone = value !== '' && !profiles.some((profile) => profile.name === value);
  return (
    <div className="w-48 min-w-0">
      <SelectField
        label={t('localApi.endpoints.profileOf', { path })}
        hideLabel
        data-testid={`profile-of-${path}`}
        value={value}
        problem={isGone ? t('localApi.endpoints.gone', { profile: value }) : undefined}
        onChange={(event) => onChange(event.target.value)}
        options={[
          { value: '', label: t('localApi.endpoints.default', { profile: fallback }) },
          ...profiles.map(({ name }) => ({ value: name, label: name })),
          ...(isGone ? [{ value, label: value }] : []),
        ]}
      />
    </div>
  );
}
