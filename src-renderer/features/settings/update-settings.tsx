import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { UPDATE_CHANNELS, type UpdateState } from '#contract/updates';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Group, Row } from './settings-group.tsx';
import { useSettingsStore } from './settings-store.ts';
import { updateWords } from './update-words.ts';

type Step = 'check' | 'download' | 'older' | 'cancel' | 'install';

/** New versions: what runs, what there is, and the one click that each step takes. */
export function UpdateSettings() {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const settings = useSettingsStore((store) => store.settings);
  const change = useSettingsStore((store) => store.change);
  const [state, setState] = useState<UpdateState | null>(null);
  const [refusal, setRefusal] = useState<AppError | null>(null);
  const [asksForOlder, setAsksForOlder] = useState(false);
  useEffect(() => {
    let current = true;
    void api.request('updates.state', {}).then((answer) => {
      if (current && answer.ok) setState(answer.data);
    });
    const off = api.onEvent((event) => {
      if (event.event === 'updates.changed') setState(event.state);
    });
    return () => {
      current = false;
      off();
    };
  }, [api]);
  if (state === null) return null;

  const take = async (step: Step) => {
    const answer = await (step === 'download' || step === 'older'
      ? api.request('updates.download', { older: step === 'older' })
      : api.request(`updates.${step}`, {}));
    setRefusal(answer.ok ? null : answer.error);
    if (answer.ok) setState(answer.data);
  };
  const button = (step: Step, look: 'edge' | 'solid' = 'edge') => (
    <Button look={look} data-testid={`update-${step}`} onClick={() => void take(step)}>
      {t(`updates.do.${step}`)}
    </Button>
  );
  const { phase, problem } = state;
  return (
    <Group name="updates" title={t('updates.title')}>
      <Row
        title={t('updates.runs', { version: state.version })}
        hint={updateWords(state, settings.updateChecks, i18n.language, t)}
      >
        {state.way === 'self' && (
          <div className="flex flex-wrap items-center gap-1.5" role="status" aria-label={t('updates.title')}>
            {phase === 'checking' && <span className="text-ink-2">{t('updates.checking')}</span>}
            {phase === 'installing' && <span className="text-ink-2">{t('updates.installing')}</span>}
            {(phase === 'idle' || phase === 'current') && button('check')}
            {phase === 'available' && button('download', 'solid')}
            {phase === 'older' && (
              <>
                {button('check')}
                <Button data-testid="update-older" onClick={() => setAsksForOlder(true)}>
                  {t('updates.do.older')}
                </Button>
              </>
            )}
            {phase === 'downloading' && (
              <>
                <progress
                  className="h-1.5 w-32 accent-accent"
                  aria-label={t('updates.downloading')}
                  {...(state.percent === null ? {} : { value: state.percent, max: 100 })}
                />
                {button('cancel')}
              </>
            )}
            {phase === 'ready' && button('install', 'solid')}
          </div>
        )}
      </Row>
      {(problem !== null || refusal !== null) && (
        <p role="alert" data-testid="update-problem" className="px-4 py-2.5 text-stop-ink">
          {refusal?.message ??
            t(`updates.problem.${problem?.kind ?? 'other'}`, {
              message: failureSentence(problem?.message ?? '', problem?.said),
            }).trim()}
        </p>
      )}
      {state.way === 'self' && (
        <>
          <Row
            title={t('updates.checks')}
            hint={t(settings.updateChecks === 'unasked' ? 'updates.ask' : 'updates.checksHint')}
          >
            <Switch
              label={t('updates.checks')}
              checked={settings.updateChecks === 'on'}
              onChange={(isOn) => void change(api, { updateChecks: isOn ? 'on' : 'off' })}
            />
          </Row>
          <Row title={t('updates.channel')} hint={t(`updates.channelHint.${settings.updateChannel}`)}>
            <Segmented
              label={t('updates.channel')}
              value={settings.updateChannel}
              onChange={(updateChannel) => void change(api, { updateChannel })}
              options={UPDATE_CHANNELS.map((each) => ({ value: each, label: t(`updates.channels.${each}`) }))}
            />
          </Row>
        </>
      )}
      {asksForOlder && state.found !== null && (
        <ConfirmDialog
          title={t('updates.olderTitle', { version: state.found.version })}
          body={t('updates.olderBody')}
          confirm={t('updates.do.older')}
          cancel={t('action.cancel')}
          onConfirm={() => void take('older')}
          onClose={() => setAsksForOlder(false)}
        />
      )}
    </Group>
  );
}
