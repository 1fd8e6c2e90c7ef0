import { Check, OctagonX, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { LocalApiState } from '#contract/programs';
import type { Settings } from '#contract/settings';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Switch } from '../../ui/switch.tsx';
import { CopyButton } from './copy-button.tsx';
import { PortForm } from './port-form.tsx';

const ICONS = { on: Check, off: Unplug, failed: OctagonX };

interface ServerPanelProps {
  state: LocalApiState;
  settings: Settings;
  onChange: (values: Partial<Settings>) => Promise<AppError | null>;
}

/** Whether programs are let in, where they find Sluice, and the switch for it. */
export function ServerPanel({ state, settings, onChange }: ServerPanelProps) {
  const { t } = useTranslation();
  const { url, isSwitchable } = state;
  // Where the switch stands is known before the server has followed it.
  const wanted = !isSwitchable || settings.localApiEnabled;
  const following = isSwitchable && wanted !== (state.state !== 'off');
  return (
    <section
      aria-label={t('localApi.server')}
      data-testid="local-api-server"
      data-state={state.state}
      className="rounded-lg border border-line bg-raised"
    >
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
        {isSwitchable && (
          <Switch
            label={t('localApi.enabled')}
            checked={settings.localApiEnabled}
            onChange={(enabled) => void onChange({ localApiEnabled: enabled })}
          />
        )}
        <span role="status" className="flex items-center gap-1.5 font-medium">
          <Icon of={ICONS[state.state]} className={state.state === 'failed' ? 'text-stop-ink' : ''} />
          {following
            ? t(wanted ? 'localApi.starting' : 'localApi.stopping')
            : t(isSwitchable ? `localApi.states.${state.state}` : 'localApi.alwaysOn')}
        </span>
        {url !== null && (
          <span className="flex min-w-0 items-center gap-1">
            <code data-testid="local-api-address" className="min-w-0 wrap-anywhere select-all">
              {url}
            </code>
            <CopyButton text={url} of={t('localApi.copyAddress')} testId="copy-address" />
          </span>
        )}
        <span className="min-w-0 flex-[1_1_20rem] text-xs text-ink-3 max-wide:order-last max-wide:basis-full">
          {t(isSwitchable ? 'localApi.enabledHint' : 'localApi.alwaysOnHint')}
        </span>
        {isSwitchable && (
          <span className="ml-auto flex-none">
            <Popover
              label={t('localApi.changePort')}
              kind="dialog"
              align="end"
              trigger={(props) => (
                <Button look="plain" data-testid="change-port" {...props}>
                  {t('localApi.changePort')}
                </Button>
              )}
            >
              {(close) => <PortForm port={settings.localApiPort} onChange={onChange} onDone={close} />}
            </Popover>
          </span>
        )}
      </div>
      {state.state === 'off' && !following && (
        <p className="border-t border-line px-4 py-2.5 text-ink-2" data-testid="local-api-off">
          {t('localApi.offBody')}
        </p>
      )}
      {state.message !== null && (
        <p role="alert" className="border-t border-line px-4 py-2.5 text-stop-ink">
          {t('localApi.failedBody', { reason: failureSentence(state.message, state.said) })}
        </p>
      )}
    </section>
  );
}
