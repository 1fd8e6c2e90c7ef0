import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './icon-button.tsx';
import { isComposing } from './is-composing.ts';

interface DrawerProps {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * What belongs to the page beside it. At 1080 px and above it takes its own room; below it lies over the page's right
 * edge. It is never a modal: the page goes on, and Escape within it closes it.
 */
export function Drawer({ title, closeLabel, onClose, children }: DrawerProps) {
  const id = useId();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      aria-labelledby={id}
      data-testid="drawer"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event.nativeEvent)) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
      className="no-drag thin-scroll z-10 w-(--drawer) flex-none overflow-auto border-l border-line bg-raised max-full:absolute max-full:inset-y-0 max-full:right-0 max-full:w-[min(var(--drawer),100%)] max-full:shadow-lift-3"
    >
      <header className="sticky top-0 z-1 flex h-(--bar) items-center gap-2 bg-raised pr-3 pl-5">
        <h2 id={id} className="min-w-0 flex-1 truncate text-lg">
          {title}
        </h2>
        <IconButton ref={close} icon={X} label={closeLabel} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}

export function DrawerSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t border-line px-5 pt-3 pb-4">
      <h3 className="mb-2 text-xs font-medium text-ink-3">{title}</h3>
      <div className="grid gap-3">{children}</div>
    </section>
  );
}
