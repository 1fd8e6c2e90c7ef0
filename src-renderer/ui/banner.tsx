import type { ReactNode } from 'react';
import { BoldFact } from './bold-fact.tsx';
import { classNames } from './class-names.ts';
import { Icon, type IconType } from './icons.tsx';

interface BannerProps {
  look: 'stop' | 'wait' | 'calm';
  icon: IconType;
  /** The fact, in bold. */
  fact: string;
  /** What follows from it. */
  consequence?: string;
  children?: ReactNode;
}

const LOOKS = {
  stop: 'bg-stop-wash [&>svg]:text-stop-ink',
  wait: 'bg-wait-wash [&>svg]:text-wait-ink',
  calm: 'bg-sunken [&>svg]:text-ink-2',
} as const;

/** One sentence across the page. It pushes the page down and never covers it. */
export function Banner({ look, icon, fact, consequence, children }: BannerProps) {
  return (
    <div
      role={look === 'stop' ? 'alert' : 'status'}
      className={classNames(
        'flex min-h-11 flex-none items-center gap-2.5 border-b border-line py-2 pr-2.5 pl-6 max-wide:pl-4',
        LOOKS[look],
      )}
    >
      <Icon of={icon} />
      <p className="min-w-0 flex-1 text-balance wrap-anywhere">
        <BoldFact fact={fact}>{consequence}</BoldFact>
      </p>
      {children}
    </div>
  );
}
