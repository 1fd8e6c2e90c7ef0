import { ChevronDown } from 'lucide-react';
import { classNames } from '../../ui/class-names.ts';
import { Icon } from '../../ui/icons.tsx';

interface QuietSelectProps {
  label: string;
  value: string;
  /** The first one means no filter. */
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** A filter: quiet as long as it filters nothing. */
export function QuietSelect({ label, value, options, onChange }: QuietSelectProps) {
  const isOn = value !== options[0]?.value;
  return (
    <span className="relative inline-flex max-w-full min-w-0">
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={classNames(
          'touch field-sizing-content h-7 max-w-full min-w-0 appearance-none truncate rounded-md border bg-transparent py-0 pr-6.5 pl-2 font-medium hover:bg-hover max-word:pr-5 max-word:pl-1.5',
          isOn ? 'border-line-2 bg-selected text-ink' : 'border-transparent text-ink-2',
        )}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} className="bg-raised text-ink">
            {option.label}
          </option>
        ))}
      </select>
      <Icon
        of={ChevronDown}
        size={12}
        className="pointer-events-none absolute top-2 right-2 text-ink-3 max-word:right-1.5"
      />
    </span>
  );
}
