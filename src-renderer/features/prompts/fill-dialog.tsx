import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PromptRecord } from '#contract/records';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { TextArea } from '../../ui/text-field.tsx';
import { fillPrompt, variablesOf } from './fill-prompt.ts';

interface FillDialogProps {
  prompt: PromptRecord;
  onDone: (text: string) => void;
  onClose: () => void;
}

/** Asks for what a prompt leaves open. An empty answer is one, too. */
export function FillDialog({ prompt, onDone, onClose }: FillDialogProps) {
  const { t } = useTranslation();
  const variables = variablesOf(prompt.body);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(variables.map(({ name, preset }) => [name, preset])),
  );
  return (
    <Dialog
      title={prompt.name}
      body={t('prompts.fillBody', { newLine: fixedKeyText('newLine') })}
      onClose={onClose}
      onSubmit={() => {
        onClose();
        onDone(fillPrompt(prompt.body, values));
      }}
    >
      {variables.map(({ name }) => (
        <TextArea
          key={name}
          label={name}
          data-testid={`fill-${name}`}
          value={values[name] ?? ''}
          onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || isComposing(event.nativeEvent)) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
          style={{ minHeight: '2rem' }}
        />
      ))}
      <DialogActions submit={t('prompts.insert')} onClose={onClose} />
    </Dialog>
  );
}
