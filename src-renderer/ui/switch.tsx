import { classNames } from './class-names.ts';

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Switch({ label, checked, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      onClick={() => onChange(!checked)}
      className={classNames(
        'relative h-5 w-8.5 flex-none rounded-[10px] border',
        checked ? 'border-inverse bg-inverse' : 'border-line-control',
      )}
    >
      <span
        aria-hidden="true"
        className={classNames(
          'absolute top-[3px] size-3 rounded-full transition-[left] duration-(--t-fast)',
          checked ? 'left-[17px] bg-on-inverse' : 'left-[3px] bg-line-control',
        )}
      />
    </button>
  );
}
