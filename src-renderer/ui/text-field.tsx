import { ChevronDown } from 'lucide-react';
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icons.tsx';

const CONTROL = 'touch h-8 w-full min-w-0 rounded-md border border-line-control bg-raised px-2.5 text-ink';

interface FieldProps {
  label: string;
  /** A sentence below: what the field does, or what is wrong with it. */
  hint?: string | undefined;
  problem?: string | undefined;
  /** The name is for assistive technology only; the place makes it plain to the eye. */
  hideLabel?: boolean;
  children: (ids: { id: string; describedBy: string | undefined }) => ReactNode;
}

function Field({ label, hint, problem, hideLabel = false, children }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'mb-1 block text-xs text-ink-2'}>
        {label}
      </label>
      {children({ id, describedBy: note === undefined ? undefined : `${id}-note` })}
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={classNames('mt-1 text-xs break-words', problem === undefined ? 'text-ink-3' : 'text-stop-ink')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, 'children'> &
  InputHTMLAttributes<HTMLInputElement> & { mono?: boolean; ref?: Ref<HTMLInputElement> };

export function TextField({ label, hint, problem, hideLabel, mono = false, className, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem} {...(hideLabel === undefined ? {} : { hideLabel })}>
      {({ id, describedBy }) => (
        <input
          spellCheck={false}
          autoComplete="off"
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={problem === undefined ? undefined : true}
          className={classNames(CONTROL, mono && 'font-mono', className)}
        />
      )}
    </Field>
  );
}

type TextAreaProps = Omit<FieldProps, 'children'> & TextareaHTMLAttributes<HTMLTextAreaElement>;

/** Several lines; it grows with what is written, up to a third of the window. */
export function TextArea({ label, hint, problem, hideLabel, className, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} problem={problem} {...(hideLabel === undefined ? {} : { hideLabel })}>
      {({ id, describedBy }) => (
        <textarea
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={problem === undefined ? undefined : true}
          className={classNames(
            'thin-scroll block field-sizing-content max-h-[33vh] min-h-20 w-full min-w-0 resize-none rounded-md border border-line-control bg-raised px-2.5 py-1.5 text-ink',
            className,
          )}
        />
      )}
    </Field>
  );
}

type SelectFieldProps = Omit<FieldProps, 'children'> &
  SelectHTMLAttributes<HTMLSelectElement> & { options: { value: string; label: string }[] };

export function SelectField({ label, hint, problem, hideLabel, options, className, ...rest }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem} {...(hideLabel === undefined ? {} : { hideLabel })}>
      {({ id, describedBy }) => (
        <span className="relative block">
          <select
            {...rest}
            id={id}
            aria-describedby={describedBy}
            className={classNames(CONTROL, 'appearance-none pr-7', className)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon
            of={ChevronDown}
            size={12}
            className="pointer-events-none absolute inset-y-0 right-2.5 my-auto text-ink-3"
          />
        </span>
      )}
    </Field>
  );
}
