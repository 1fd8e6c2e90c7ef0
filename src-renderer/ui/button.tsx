import type { ButtonHTMLAttributes, Ref } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

/**
 * `go`: starts the flow, at most one filled in a view. `hold`: joins what flows. `solid`: answers what waits for you.
 * `plain`: no edge until it is pointed at.
 */
export type ButtonLook = 'edge' | 'go' | 'hold' | 'solid' | 'plain' | 'danger';

const LOOKS: Record<ButtonLook, string> = {
  edge: 'border-line-2 bg-raised text-ink hover:bg-hover',
  go: 'border-accent bg-accent text-on-accent hover:border-accent-hover hover:bg-accent-hover',
  hold: 'border-accent bg-raised text-accent-ink hover:bg-hover',
  solid: 'border-inverse bg-inverse text-on-inverse hover:border-ink-2 hover:bg-ink-2',
  plain: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'border-line-2 bg-raised text-stop-ink hover:bg-stop-wash',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  icon?: IconType;
  tall?: boolean;
  /** Below 560 px the label gives way to the icon; assistive technology keeps the word. */
  shrinks?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look = 'edge',
  icon,
  tall = false,
  shrinks = false,
  children,
  className,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(
        'touch inline-flex flex-none items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors duration-(--t-fast)',
        tall ? 'h-8 px-3' : 'h-7',
        !tall && (look === 'plain' ? 'px-2' : 'px-2.5'),
        LOOKS[look],
        className,
      )}
    >
      {icon !== undefined && <Icon of={icon} size={14} />}
      <span className={shrinks ? 'max-word:sr-only' : undefined}>{children}</span>
    </button>
  );
}
