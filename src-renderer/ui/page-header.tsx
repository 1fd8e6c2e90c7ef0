import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';

/** What the frame adds to the header of the page that stands within it, after the page's own actions. */
export const FrameActions = createContext<ReactNode>(null);

/** The 48 px bar of a page: its one h1 at the left, its actions at the right. The window is dragged by it. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  const frameActions = useContext(FrameActions);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A page that was opened by keys took away what they were pressed on. The keyboard goes on here, and a reader hears the name.
    const look = requestAnimationFrame(() => {
      if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(look);
  }, []);
  return (
    <header className="drag flex h-(--bar) flex-none items-center gap-2 border-b border-line pr-3 pl-6 max-wide:pl-4">
      <h1 ref={heading} tabIndex={-1} className="min-w-0 flex-1 truncate text-sm focus-visible:-outline-offset-2">
        {title}
      </h1>
      <span className="no-drag flex flex-none items-center gap-2">
        {children}
        {frameActions}
      </span>
    </header>
  );
}
