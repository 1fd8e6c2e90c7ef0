import type { ButtonHTMLAttributes } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

interface MenuItemProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconType;
  danger?: boolean;
  /** The key that does the same without the menu. */
  shortcut?: string;
}

export function MenuItem({ icon, danger = false, shortcut, children, ...rest }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      {...rest}
      className={classNames(
        'touch flex h-7 w-full items-center gap-2 rounded-md px-2 text-left whitespace-nowrap hover:bg-hover focus-visible:-outline-offset-2',
        danger ? 'text-stop-ink' : 'text-ink',
      )}
    >
      <Icon of={icon} size={14} />
      <span className="flex-1">{children}</span>
      {shortcut !== undefined && (
        <kbd aria-hidden="true" className="ml-4 font-sans text-xs text-ink-3">
          {shortcut}
        </kbd>
      )}
    </button>
  );
}

/** Parts a menu's groups. */
export function MenuLine() {
  return <hr className="-mx-1 my-1 border-line" />;
}
