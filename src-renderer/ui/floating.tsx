import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { classNames } from './class-names.ts';
import { isComposing } from './is-composing.ts';

interface FloatingProps {
  /** What it stands beside. A press on it is its own affair. */
  anchor: HTMLElement;
  label: string;
  /** `menu`: rows that are commands, walked with the arrow keys. `dialog`: a small form. */
  kind: 'menu' | 'dialog';
  /** `returnFocus`: the keyboard goes back to where it came from; a press elsewhere has already moved it. */
  onClose: (returnFocus: boolean) => void;
  children: ReactNode;
  id?: string;
  side?: 'above' | 'below';
  align?: 'start' | 'end';
  className?: string | undefined;
}

const GAP_PX = 5;
const EDGE_PX = 8;
const FOCUSABLE = 'button, input, select, textarea, a[href]';

/**
 * In the top layer and fixed to the window, so that no scrolling list cuts it off and nothing lies over it; on the other side of
 * its anchor where this one is too small.
 */
function place(panel: HTMLElement, anchor: HTMLElement, side: 'above' | 'below', align: 'start' | 'end'): void {
  // A change of size is told once more when it has gone.
  if (!panel.isConnected) return;
  if (!panel.matches(':popover-open')) panel.showPopover();
  const box = anchor.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const roomBelow = window.innerHeight - box.bottom - GAP_PX - EDGE_PX;
  const roomAbove = box.top - GAP_PX - EDGE_PX;
  const above =
    side === 'above' ? roomAbove >= height || roomAbove > roomBelow : roomBelow < height && roomAbove > roomBelow;
  const top = above ? box.top - GAP_PX - height : box.bottom + GAP_PX;
  const left = align === 'end' ? box.right - width : box.left;
  panel.style.top = `${Math.max(EDGE_PX, Math.min(top, window.innerHeight - height - EDGE_PX))}px`;
  panel.style.left = `${Math.max(EDGE_PX, Math.min(left, window.innerWidth - width - EDGE_PX))}px`;
}

/** A menu or a small form that floats beside its anchor. Escape, Tab out of a menu and a press outside close it. */
export function Floating(props: FloatingProps) {
  const { anchor, label, kind, onClose, children, id, side = 'below', align = 'start', className } = props;
  const panel = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useLayoutEffect(() => {
    if (panel.current !== null) place(panel.current, anchor, side, align);
  });

  useEffect(() => {
    const element = panel.current;
    if (element === null) return;
    // What it holds may come later than it opens, as a list that is asked for.
    const grown = new ResizeObserver(() => place(element, anchor, side, align));
    grown.observe(element);
    return () => grown.disconnect();
  }, [anchor, side, align]);

  useEffect(() => {
    const first =
      panel.current?.querySelector<HTMLElement>('[data-first]') ?? panel.current?.querySelector<HTMLElement>(FOCUSABLE);
    // With nothing to focus inside, Escape still belongs to what is open.
    (first ?? panel.current)?.focus({ preventScroll: true });
  }, []);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!(event.target instanceof Node)) return;
      if (!panel.current?.contains(event.target) && !anchor.contains(event.target)) close.current(false);
    };
    // Only what moves the anchor counts: an answer that grows elsewhere scrolls too.
    const scrolled = (event: Event) => {
      if (event.target instanceof Node && event.target.contains(anchor)) close.current(false);
    };
    const resized = () => close.current(false);
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', scrolled, true);
    window.addEventListener('resize', resized);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', scrolled, true);
      window.removeEventListener('resize', resized);
    };
  }, [anchor]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape' || (kind === 'menu' && event.key === 'Tab')) {
      event.preventDefault();
      event.stopPropagation();
      onClose(true);
      return;
    }
    if (kind === 'dialog') {
      // Round and round: what lies below would be reached with this still open above it.
      if (event.key !== 'Tab' || panel.current === null) return;
      const stops = [...panel.current.querySelectorAll<HTMLElement>(`${FOCUSABLE}, [tabindex="0"]`)].filter(
        (stop) => stop.tabIndex >= 0 && !stop.matches(':disabled') && stop.checkVisibility(),
      );
      const end = event.shiftKey ? stops[0] : stops.at(-1);
      const isAtEnd = end === undefined || document.activeElement === end || document.activeElement === panel.current;
      if (!isAtEnd) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
      return;
    }
    // A menu's keys are its own: what lies below it must not hear them.
    event.stopPropagation();
    const rows = [...(panel.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
    const next = nextRow(
      event.key,
      rows.findIndex((row) => row === document.activeElement),
      rows.length,
    );
    if (next === null) return;
    event.preventDefault();
    rows[next]?.focus();
  };

  return (
    <div
      ref={panel}
      id={id}
      role={kind}
      popover="manual"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
      className={classNames(
        'no-drag thin-scroll fixed inset-auto m-0 max-h-[calc(100vh-1rem)] max-w-[calc(100vw-1rem)] overflow-auto rounded-lg border border-line-2 bg-raised font-normal text-ink shadow-lift-2',
        kind === 'menu' ? 'min-w-36 p-1' : 'p-3',
        className,
      )}
    >
      {children}
    </div>
  );
}

/** The row that a key leads to, round and round; null for a key that leads nowhere. */
function nextRow(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (Math.max(at, 0) - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
