import { type ChangeEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button.tsx';
import { sentencesText } from '../../ui/join-text.ts';
import { TextField } from '../../ui/text-field.tsx';
import { type PasteProposal, type PasteReading, recognisePaste } from './paste/recognise-paste.ts';

interface PasteFieldProps {
  /** Fills the form. Nothing is sent before it is submitted. */
  onRecognised: (proposal: PasteProposal, secret: string | null, model: string | null) => void;
  /** Its name and what it takes stand above it already. */
  bare?: boolean;
}

type Told = { kind: 'problem' | 'found'; text: string } | null;

/** Takes whatever a person has at hand and fills the form with what it says. What was pasted does not stay on the page. */
export function PasteField({ onRecognised, bare = false }: PasteFieldProps) {
  const { t } = useTranslation();
  const [told, setTold] = useState<Told>(null);
  const [open, setOpen] = useState<Extract<PasteReading, { ok: true }> | null>(null);

  const choose = (reading: Extract<PasteReading, { ok: true }>, proposal: PasteProposal) => {
    setOpen(null);
    onRecognised(proposal, reading.secret, reading.model);
    const address = proposal.baseUrl ?? '';
    // Where it stands bare, the button below says where the key goes.
    const found = bare
      ? proposal.provider === null
        ? ''
        : t('credentials.paste.looksLike', { provider: proposal.provider })
      : proposal.provider !== null
        ? t('credentials.paste.found', { provider: proposal.provider, address })
        : address === ''
          ? ''
          : t('credentials.paste.foundAddress', { address });
    const notes = reading.notes.map((note) => t(`credentials.paste.note.${note}`));
    setTold({ kind: 'found', text: sentencesText(found, ...notes) });
  };
  const read = (text: string) => {
    setOpen(null);
    const reading = recognisePaste(text);
    if (!reading.ok) {
      setTold({ kind: 'problem', text: t(`credentials.paste.problem.${reading.problem}`, { detail: reading.detail }) });
      return;
    }
    const [first] = reading.proposals;
    if (reading.proposals.length === 1 && first !== undefined) {
      choose(reading, first);
      return;
    }
    setTold(null);
    setOpen(reading);
  };

  return (
    <div className="grid gap-2">
      <TextField
        label={t('credentials.paste.label')}
        hideLabel={bare}
        placeholder={bare ? 'sk-…' : undefined}
        type="password"
        mono
        autoComplete="off"
        data-testid="paste-anything"
        value=""
        hint={told === null && !bare ? t('credentials.paste.hint') : undefined}
        problem={told?.kind === 'problem' ? told.text : undefined}
        // A one-line field drops the lines of what is pasted; here they matter.
        onPaste={(event) => {
          event.preventDefault();
          read(event.clipboardData.getData('text/plain'));
        }}
        onChange={(event: ChangeEvent<HTMLInputElement>) => read(event.target.value)}
      />
      <div role="status" className="empty:-mt-2">
        {told?.kind === 'found' && told.text !== '' && <p className="text-xs text-ink-2">{told.text}</p>}
        {open !== null && (
          <div className="grid gap-1.5">
            <p className="text-xs text-ink-2">{t('credentials.paste.choose')}</p>
            <div className="flex flex-wrap gap-1.5">
              {open.proposals.map((proposal) => (
                <Button key={proposal.provider ?? ''} onClick={() => choose(open, proposal)}>
                  {proposal.provider ?? t('credentials.paste.other')}
                </Button>
              ))}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
