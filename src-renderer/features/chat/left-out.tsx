import { useTranslation } from 'react-i18next';
import type { RunParameters } from '#contract/model-parameters';
import { Popover } from '../../ui/popover.tsx';

/** Which of the conversation's parameters an answer was made without, and why: told at the answer, in one press. */
export function LeftOut({ leftOut }: Pick<RunParameters, 'leftOut'>) {
  const { t } = useTranslation();
  if (leftOut.length === 0) return null;
  const label = t('parameters.leftOut', { count: leftOut.length });
  return (
    <Popover
      kind="dialog"
      label={label}
      side="above"
      align="end"
      className="w-72"
      trigger={(props) => (
        <button
          type="button"
          {...props}
          data-testid="left-out"
          className="touch h-6 flex-none rounded-md px-1.5 text-wait-ink underline decoration-dotted underline-offset-3 hover:bg-hover"
        >
          {label}
        </button>
      )}
    >
      {() => (
        <dl className="grid gap-2 text-sm whitespace-normal text-ink">
          {leftOut.map(({ name, reason }) => (
            <div key={name}>
              <dt className="font-medium">{t(`parameters.${name}`)}</dt>
              <dd className="text-ink-2">{t(`parameters.reasons.${reason}`)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Popover>
  );
}
