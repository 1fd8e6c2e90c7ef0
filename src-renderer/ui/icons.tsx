import type { LucideIcon } from 'lucide-react';
import type { ComponentType, SVGProps } from 'react';

/** Any icon of the interface: Lucide's, or one of our two. */
export type IconType = LucideIcon | ComponentType<SVGProps<SVGSVGElement>>;

interface IconProps {
  of: IconType;
  /** Pixels at the default text size; the drawing follows the text size setting. */
  size?: number;
  className?: string;
}

/** Decoration beside a word or inside a named button; it carries no meaning of its own. */
export function Icon({ of: Drawing, size = 16, className = '' }: IconProps) {
  const rem = `${size / 16}rem`;
  return (
    <Drawing aria-hidden="true" width={rem} height={rem} strokeWidth={1.75} className={`flex-none ${className}`} />
  );
}

const OWN = {
  viewBox: '0 0 16 16',
  fill: 'none',
  stroke: 'currentColor',
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

/** Something moves now. */
export function FlowIcon(props: SVGProps<SVGSVGElement>) {
  return (
    <svg {...OWN} {...props} strokeWidth={1.5}>
      <path d="M1.5 5.8c2.2-2 4.3-2 6.5 0s4.3 2 6.5 0M1.5 10.6c2.2-2 4.3-2 6.5 0s4.3 2 6.5 0" />
    </svg>
  );
}

/** The product's own sign: a gate between two posts, water under it. */
export function SluiceIcon(props: SVGProps<SVGSVGElement>) {
  return (
    <svg {...OWN} {...props} strokeWidth={1.5}>
      <path d="M3.5 1.5v13M12.5 1.5v13" />
      <path d="M6 2h4v5.5H6z" fill="currentColor" stroke="none" />
      <path d="M3.5 11.6c1.5-1.3 3-1.3 4.5 0s3 1.3 4.5 0" />
    </svg>
  );
}
