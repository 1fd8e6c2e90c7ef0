import { type ReactNode, useCallback, useId, useRef, useState } from 'react';
import { Floating } from './floating.tsx';

interface TriggerProps {
  onClick: () => void;
  'aria-expanded': boolean;
  'aria-haspopup': 'menu' | 'dialog';
  'aria-controls': string | undefined;
}

interface PopoverProps {
  label: string;
  /** `menu`: rows that are commands, walked with the arrow keys. `dialog`: a small form. */
  kind: 'menu' | 'dialog';
  trigger: (props: TriggerProps) => ReactNode;
  /** `close(false)` leaves the focus to the caller. */
  children: (close: (returnFocus?: boolean) => void) => ReactNode;
  /** Stands beside the nearest element around the button that this selects, instead of the button. */
  beside?: string;
  side?: 'above' | 'below';
  align?: 'start' | 'end';
  className?: string;
  onOpenChange?: (open: boolean) => void;
}

/** Floats beside its button. Escape and a press outside close it, and focus returns to the button. */
export function Popover({
  label,
  kind,
  trigger,
  children,
  beside,
  side,
  align,
  className,
  onOpenChange,
}: PopoverProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const open = anchor !== null;

  const change = useCallback(
    (next: HTMLElement | null) => {
      setAnchor(next);
      onOpenChange?.(next !== null);
    },
    [onOpenChange],
  );
  const toggle = useCallback(() => {
    const own = root.current;
    const around = beside === undefined ? null : own?.closest<HTMLElement>(beside);
    change(open ? null : (around ?? own));
  }, [beside, change, open]);
  const close = useCallback(
    (returnFocus = true) => {
      change(null);
      if (returnFocus) root.current?.querySelector<HTMLElement>('button')?.focus();
    },
    [change],
  );

  return (
    <div ref={root} className="relative inline-flex min-w-0">
      <Trigger
        render={trigger}
        onClick={toggle}
        aria-expanded={open}
        aria-haspopup={kind}
        aria-controls={open ? id : undefined}
      />
      {anchor !== null && (
        <Floating
          anchor={anchor}
          id={id}
          label={label}
          kind={kind}
          onClose={close}
          className={className}
          {...(side === undefined ? {} : { side })}
          {...(align === undefined ? {} : { align })}
        >
          <Content render={children} close={close} />
        </Floating>
      )}
    </div>
  );
}

function Trigger({ render, ...props }: TriggerProps & { render: PopoverProps['trigger'] }) {
  return render(props);
}

function Content({ render, close }: { render: PopoverProps['children']; close: (returnFocus?: boolean) => void }) {
  return render(close);
}
