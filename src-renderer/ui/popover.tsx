import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { classNames } from './class-names.ts';

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
  children: (close: () => void) => ReactNode;
  side?: 'above' | 'below';
  align?: 'start' | 'end';
  className?: string;
  onOpenChange?: (open: boolean) => void;
}

/** A menu is never taller than this; with less room below its button it opens above. */
const MENU_ROOM_PX = 120;
const GAP_PX = 5;

/** Fixed to the window, so that no scrolling list cuts it off. */
function placeBeside(button: DOMRect, side: 'above' | 'below', align: 'start' | 'end'): CSSProperties {
  const above = side === 'above' || window.innerHeight - button.bottom < MENU_ROOM_PX;
  return {
    ...(above ? { bottom: window.innerHeight - button.top + GAP_PX } : { top: button.bottom + GAP_PX }),
    ...(align === 'end' ? { right: window.innerWidth - button.right } : { left: button.left }),
  };
}

const FOCUSABLE = 'button, input, select, textarea, a[href]';

/** Floats beside its button. Escape and a press outside close it, and focus returns to the button. */
export function Popover({
  label,
  kind,
  trigger,
  children,
  side = 'below',
  align = 'start',
  className,
  onOpenChange,
}: PopoverProps) {
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState<CSSProperties>({});
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  const change = useCallback(
    (next: boolean) => {
      const box = root.current?.getBoundingClientRect();
      if (next && box !== undefined) setPlace(placeBeside(box, side, align));
      setOpen(next);
      onOpenChange?.(next);
    },
    [onOpenChange, side, align],
  );
  const close = useCallback(() => {
    change(false);
    root.current?.querySelector<HTMLElement>('button')?.focus();
  }, [change]);

  useEffect(() => {
    if (!open) return;
    panel.current?.querySelector<HTMLElement>('[data-first], ' + FOCUSABLE)?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) change(false);
    };
    // What it was fixed beside has moved.
    const moved = (event: Event) => {
      if (!(event.target instanceof Node) || !panel.current?.contains(event.target)) change(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', moved, true);
    window.addEventListener('resize', moved);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', moved, true);
      window.removeEventListener('resize', moved);
    };
  }, [open, change]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
      return;
    }
    if (kind !== 'menu' || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const rows = [...(panel.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
    const at = rows.findIndex((row) => row === document.activeElement);
    const next = event.key === 'ArrowDown' ? at + 1 : at - 1 + rows.length;
    rows[next % rows.length]?.focus();
  };

  return (
    <div ref={root} className="relative inline-flex min-w-0" onKeyDown={onKeyDown}>
      <Trigger
        render={trigger}
        onClick={() => change(!open)}
        aria-expanded={open}
        aria-haspopup={kind}
        aria-controls={open ? id : undefined}
      />
      {open && (
        <div
          ref={panel}
          id={id}
          role={kind}
          aria-label={label}
          style={place}
          className={classNames(
            'fixed z-30 max-w-[calc(100vw-1rem)] rounded-lg border border-line-2 bg-raised font-normal shadow-lift-2',
            kind === 'menu' ? 'min-w-36 p-1' : 'p-3',
            className,
          )}
        >
          <Content render={children} close={close} />
        </div>
      )}
    </div>
  );
}

function Trigger({ render, ...props }: TriggerProps & { render: PopoverProps['trigger'] }) {
  return render(props);
}

function Content({ render, close }: { render: PopoverProps['children']; close: () => void }) {
  return render(close);
}
