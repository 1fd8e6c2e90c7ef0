import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

const LOOKS = {
  ready: 'text-ink-2 shadow-[inset_0_0_0_1px_var(--line-2)]',
  wait: 'bg-wait-wash text-wait-ink',
  stop: 'bg-stop-wash text-stop-ink',
  needs: 'bg-inverse text-on-inverse',
  quiet: 'text-ink-2',
  flow: 'bg-accent-wash text-accent-ink',
  off: 'border border-dashed border-line-control text-ink-2',
} as const;

/** A state in a row: always an icon and a word. */
export function Tag({ look, icon, children }: { look: keyof typeof LOOKS; icon: IconType; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-flex h-5 flex-none items-center gap-1 rounded-sm px-1.5 text-xs leading-none font-medium whitespace-nowrap',
        LOOKS[look],
      )}
    >
      <Icon of={icon} size={13} />
      {children}
    </span>
  );
}
