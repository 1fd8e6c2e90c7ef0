import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { Settings } from '#contract/settings';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { PORT_RANGE, readPort } from './read-port.ts';

interface PortFormProps {
  port: number;
  onChange: (values: Partial<Settings>) => Promise<AppError | null>;
  onDone: () => void;
}

export function PortForm({ port, onChange, onDone }: PortFormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(String(port));
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const next = readPort(text);
    if (next === null) return setProblem(t('localApi.portRange', { ...PORT_RANGE }));
    const error = await onChange({ localApiPort: next });
    if (error === null) onDone();
    else setProblem(error.message);
  };
  return (
    <form className="grid w-64 gap-3 p-3" onSubmit={(event) => void save(event)}>
      <TextField
        autoFocus
        label={t('localApi.port')}
        hint={t('localApi.portHint')}
        problem={problem ?? undefined}
        inputMode="numeric"
        className="num"
        data-testid="setting-localApiPort"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
        }}
      />
      <Button type="submit" className="justify-self-start">
        {t('action.save')}
      </Button>
    </form>
  );
}
