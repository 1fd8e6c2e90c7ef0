import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { sentencesText } from '../../ui/join-text.ts';
import { connectChecked } from './connect-checked.ts';
import { ConnectForm } from './connect-form.tsx';
import { freeName } from './connect-profile.ts';
import { useCredentialsStore } from './credentials-store.ts';
import type { PasteProposal } from './paste/recognise-paste.ts';
import { PasteField } from './paste-field.tsx';

/** What was pasted, as far as it is enough to connect. */
interface Found {
  proposal: PasteProposal & { baseUrl: string };
  secret: string;
  model: string;
}

/**
 * The shortest way from a key to an answer: paste it, agree to where it goes. What cannot be told from the paste is asked
 * for in the whole form.
 */
export function KeyDoor({ onDone }: { onDone: (profile: ProfileRecord) => void }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [found, setFound] = useState<Found | null>(null);
  /** What goes into the whole form; null while it is not needed. */
  const [byHand, setByHand] = useState<Partial<Found> | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const use = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (found !== null) use.current?.focus();
  }, [found]);

  if (byHand !== null) {
    const { proposal, secret = '', model = '' } = byHand;
    const given = {
      kind: proposal?.kind ?? ('openai-chat' as const),
      name: proposal?.provider ?? null,
      baseUrl: proposal?.baseUrl ?? null,
      secret,
      model,
    };
    return <ConnectForm submit={t('firstRun.useKey')} given={given} onDone={onDone} onCancel={() => setByHand(null)} />;
  }

  const connect = async (event: FormEvent) => {
    event.preventDefault();
    if (found === null || busy) return;
    setBusy(true);
    setProblem(null);
    const { proposal, secret, model } = found;
    const taken = useCredentialsStore.getState().profiles ?? [];
    const name = freeName(
      proposal.provider ?? t(`kind.${proposal.kind}`),
      taken.map((profile) => profile.name),
    );
    const { kind, baseUrl } = proposal;
    const result = await connectChecked(api, {
      kind,
      name,
      baseUrl,
      model,
      secret,
      keyLabel: t('credentials.firstKey'),
    });
    await useCredentialsStore.getState().load(api);
    setBusy(false);
    if (result.ok) onDone(result.data);
    else setProblem(result.error.message);
  };

  return (
    <form onSubmit={(event) => void connect(event)} data-testid="key-door" className="grid gap-2">
      <PasteField
        bare
        onRecognised={(proposal, secret, model) => {
          setProblem(null);
          const { baseUrl } = proposal;
          if (baseUrl === null || secret === null) {
            setFound(null);
            setByHand({
              ...(baseUrl === null ? {} : { proposal: { ...proposal, baseUrl } }),
              secret: secret ?? '',
              model: model ?? '',
            });
          } else setFound({ proposal: { ...proposal, baseUrl }, secret, model: model ?? '' });
        }}
      />
      {problem !== null && (
        <p role="alert" className="text-stop-ink">
          {sentencesText(problem, t('firstRun.pasteAgain'))}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {found !== null && (
          <Button tall ref={use} type="submit" look="solid" data-testid="use-key">
            {busy
              ? t('firstRun.asking', { host: hostOf(found.proposal.baseUrl) })
              : t('firstRun.useAt', { host: hostOf(found.proposal.baseUrl) })}
          </Button>
        )}
        <Button
          look="plain"
          className={found === null ? '-mx-[9px] -my-1 text-xs' : 'text-xs'}
          data-testid="connect-by-hand"
          onClick={() => setByHand({ ...found })}
        >
          {t('firstRun.byHand')}
        </Button>
      </div>
    </form>
  );
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl;
}
