import type { ButtonHTMLAttributes } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

interface MenuItemProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconType;
  danger?: boolean;
}

export function MenuItem({ icon, danger = false, children, ...rest }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      {...rest}
      className={classNames(
        'touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left whitespace-nowrap hover:bg-hover',
        danger ? 'text-stop-ink' : 'text-ink',
      )}
    >
      <Icon of={icon} size={14} />
      {children}
    </button>
  );
}
