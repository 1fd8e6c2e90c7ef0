import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import {
  EFFORTS,
  hasParameters,
  type ModelParameters,
  PARAMETER_NAMES,
  PARAMETER_RANGES,
  type ParameterName,
} from '#contract/model-parameters';
import { Button } from '../../ui/button.tsx';
import { DrawerSection } from '../../ui/drawer.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { SelectField, TextField } from '../../ui/text-field.tsx';
import { useSavedText } from '../../ui/use-saved-text.ts';
import { type NumberParameter, readParameter } from './read-parameter.ts';

/** Null gives a parameter back to the model. */
export type ParameterChange = { readonly [Name in ParameterName]?: ModelParameters[Name] | null };

interface ParameterFieldsProps {
  value: ModelParameters;
  onChange: (change: ParameterChange) => Promise<AppError | null>;
}

const NOTHING = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, null])) as ParameterChange;

/** How the answers of one conversation are to be made. An empty field is as the model has it. */
export function ParameterFields({ value, onChange }: ParameterFieldsProps) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [resets, setResets] = useState(0);
  return (
    <DrawerSection title={t('parameters.title')}>
      {/* Begun anew by a reset, so that what was refused does not stay behind in a field. */}
      <div key={resets} className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-3">
        <NumberField name="temperature" stored={value.temperature} onChange={onChange} />
        <NumberField name="topP" stored={value.topP} onChange={onChange} />
        <NumberField name="maxOutputTokens" stored={value.maxOutputTokens} onChange={onChange} />
        <SelectField
          label={t('parameters.reasoningEffort')}
          data-testid="parameter-reasoningEffort"
          value={value.reasoningEffort ?? ''}
          problem={problem}
          options={[
            { value: '', label: t('parameters.unset') },
            ...EFFORTS.map((effort) => ({ value: effort, label: t(`parameters.efforts.${effort}`) })),
          ]}
          onChange={(event) => {
            const reasoningEffort = EFFORTS.find((effort) => effort === event.target.value) ?? null;
            void onChange({ reasoningEffort }).then((error) => setProblem(error?.message));
          }}
        />
      </div>
      <p className="text-xs text-ink-3">{t('parameters.hint')}</p>
      {hasParameters(value) && (
        <Button
          look="plain"
          icon={RotateCcw}
          data-testid="parameters-reset"
          className="-mx-2 justify-self-start"
          onClick={() => {
            setResets(resets + 1);
            void onChange(NOTHING).then((error) => setProblem(error?.message));
          }}
        >
          {t('parameters.reset')}
        </Button>
      )}
    </DrawerSection>
  );
}

interface NumberFieldProps {
  name: NumberParameter;
  stored: number | undefined;
  onChange: ParameterFieldsProps['onChange'];
}

function NumberField({ name, stored, onChange }: NumberFieldProps) {
  const { t } = useTranslation();
  const save = async (text: string) => {
    const value = readParameter(name, text);
    if (value === undefined) return t('parameters.outOfRange', { ...PARAMETER_RANGES[name] });
    const error = await onChange({ [name]: value });
    return error === null ? null : error.message;
  };
  const field = useSavedText(stored === undefined ? '' : String(stored), save, null);
  return (
    <TextField
      label={t(`parameters.${name}`)}
      data-testid={`parameter-${name}`}
      inputMode="decimal"
      placeholder={t('parameters.unset')}
      value={field.text}
      problem={field.problem}
      onChange={(event) => field.onChange(event.target.value)}
      onBlur={field.flush}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !isComposing(event.nativeEvent)) field.flush();
      }}
      className="num"
    />
  );
}
