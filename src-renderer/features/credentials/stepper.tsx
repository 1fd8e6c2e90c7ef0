import { Minus, Plus } from 'lucide-react';
import { classNames } from '../../ui/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';

interface StepperProps {
  /** Names of the two buttons. */
  less: string;
  more: string;
  value: string;
  canLess: boolean;
  onStep: (by: 1 | -1) => void;
  className?: string;
}

/** A small number with a button on each side. */
export function Stepper({ less, more, value, canLess, onStep, className }: StepperProps) {
  return (
    <span className={classNames('inline-flex flex-none items-center', className)}>
      <IconButton
        small
        icon={Minus}
        label={less}
        aria-disabled={!canLess}
        className="aria-disabled:opacity-40"
        onClick={() => canLess && onStep(-1)}
      />
      <b className="num min-w-5 text-center font-semibold text-ink">{value}</b>
      <IconButton small icon={Plus} label={more} onClick={() => onStep(1)} />
    </span>
  );
}
