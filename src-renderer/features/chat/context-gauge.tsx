import { classNames } from '../../ui/class-names.ts';
import type { ContextFigures, ContextPartName } from './context-shares.ts';

/** From dark to pale as the design's charts; what is typed is hatched, as everything that is not sent yet. */
const FILLS: Record<ContextPartName, string> = {
  system: 'bg-chart-1',
  pinned: 'bg-chart-2',
  summary: 'bg-chart-3',
  recent: 'bg-chart-4 inset-ring inset-ring-chart-3',
  files: 'bg-chart-5 inset-ring inset-ring-chart-3',
  draft: 'hatched inset-ring inset-ring-chart-2',
};

export function PartSwatch({ name }: { name: ContextPartName }) {
  return <i aria-hidden className={classNames('size-2.5 rounded-xs', FILLS[name])} />;
}

/** The parts side by side against the window, with a tick where compaction starts. The figures beside it say the same. */
export function ContextGauge({ figures, tall = false }: { figures: ContextFigures; tall?: boolean }) {
  return (
    <span
      aria-hidden
      className={classNames(
        'relative flex flex-none gap-px overflow-hidden rounded-xs bg-line',
        tall ? 'h-3 w-full' : 'h-2 w-33 max-word:w-16',
      )}
    >
      {figures.shares
        .filter(({ tokens }) => tokens > 0)
        .map(({ name, percent }) => (
          <i key={name} className={classNames('h-full', FILLS[name])} style={{ width: `${percent}%` }} />
        ))}
      {figures.tickPercent !== null && (
        <b className="absolute top-0 h-full w-px bg-ink-2" style={{ left: `${figures.tickPercent}%` }} />
      )}
    </span>
  );
}
