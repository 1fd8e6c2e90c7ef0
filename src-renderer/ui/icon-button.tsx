import type { ButtonHTMLAttributes, Ref } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  icon: IconType;
  /** The accessible name and the tooltip. */
  label: string;
  /** Shown after the label in the tooltip. */
  shortcut?: string;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, shortcut, small = false, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={shortcut === undefined ? label : `${label}  ${shortcut}`}
      className={classNames(
        'touch-square inline-grid flex-none place-items-center rounded-md hover:bg-hover hover:text-ink',
        small ? 'h-6 w-6.5 text-ink-3' : 'size-7 text-ink-2',
        className,
      )}
    >
      <Icon of={icon} size={small ? 14 : 16} />
    </button>
  );
}
