import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PrefixHint } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { formatTime, formatTokens } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { NumberSetting } from './number-setting.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';

/** What providers say that they keep a prefix for. */
const TTLS = { short: 300_000, long: 3_600_000 } as const;
/** The ranges that the contract's schema allows. */
const TOKENS_RANGE = { min: 0, max: 1_000_000 };
const CAPACITY_RANGE = { min: 1, max: 65_536 };
const REFRESH_MS = 3000;

/** Estimates of what a provider's cache could reuse: a hint for whoever writes prompts, and no figure of usage. */
export function PrefixPanel() {
  const { t } = useTranslation();
  const { api } = useCore();
  const { settings, change } = useSettingsStore();
  const isOn = settings.prefixHintsEnabled;
  return (
    <Group name="prefix" title={t('settings.prefix.title')}>
      <Row title={t('settings.prefix.enabled')} hint={t('settings.prefix.enabledHint')}>
        <Switch
          label={t('settings.prefix.enabled')}
          checked={isOn}
          onChange={(prefixHintsEnabled) => void change(api, { prefixHintsEnabled })}
        />
      </Row>
      {isOn && (
        <>
          <Row title={t('settings.prefix.ttl')} hint={t('settings.prefix.ttlHint')}>
            <Segmented
              label={t('settings.prefix.ttl')}
              value={settings.prefixTtlMs === TTLS.long ? 'long' : 'short'}
              options={(['short', 'long'] as const).map((value) => ({
                value,
                label: t(`settings.prefix.ttls.${value}`),
              }))}
              onChange={(value) => void change(api, { prefixTtlMs: TTLS[value] })}
            />
          </Row>
          <NumberSetting
            title={t('settings.prefix.minTokens')}
            hint={t('settings.prefix.minTokensHint')}
            name="prefixMinTokens"
            range={TOKENS_RANGE}
          />
          <NumberSetting
            title={t('settings.prefix.capacity')}
            hint={t('settings.prefix.capacityHint')}
            name="prefixCapacity"
            range={CAPACITY_RANGE}
          />
          <Latest />
        </>
      )}
    </Group>
  );
}

/** The latest requests, newest first. */
function Latest() {
  const { t } = useTranslation();
  const { api } = useCore();
  const [hints, setHints] = useState<PrefixHint[]>([]);
  const ask = useCallback(
    async (route: 'prefixHints.list' | 'prefixHints.clear') => {
      const answer = await api.request(route, {});
      if (answer.ok) setHints(answer.data.hints);
    },
    [api],
  );
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') void ask('prefixHints.list');
    };
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, [ask]);
  return (
    <div className="px-4 py-2.5" data-testid="prefix-hints">
      <div className="flex items-center gap-2">
        <h3 className="flex-1 font-medium">{t('settings.prefix.latest')}</h3>
        {hints.length > 0 && (
          <Button look="plain" className="text-xs" onClick={() => void ask('prefixHints.clear')}>
            {t('settings.prefix.clear')}
          </Button>
        )}
      </div>
      {hints.length === 0 ? (
        <p className="text-xs text-ink-3">{t('settings.prefix.none')}</p>
      ) : (
        <ul className="mt-1 grid gap-1.5">
          {hints.slice(0, 10).map((hint, at) => (
            <li key={`${hint.atMs} ${at}`} className="num text-xs">
              <span className="text-ink-3">
                {t('settings.prefix.request', {
                  time: formatTime(hint.atMs),
                  model: hint.model ?? t('settings.prefix.ownModel'),
                })}
              </span>{' '}
              <Sentence hint={hint} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Sentence({ hint }: { hint: PrefixHint }) {
  const { t } = useTranslation();
  const shared = formatTokens(hint.sharedTokens);
  const total = formatTokens(hint.totalTokens);
  switch (hint.state) {
    case 'changed':
      return t('settings.prefix.changed', {
        shared,
        total,
        part: t(`settings.prefix.parts.${hint.changed?.part ?? 'message'}`, { number: hint.changed?.number ?? 0 }),
      });
    case 'same':
      return t('settings.prefix.same', { shared, total });
    case 'short':
      return t('settings.prefix.short', { total });
    default:
      return t(`settings.prefix.${hint.state}`);
  }
}
