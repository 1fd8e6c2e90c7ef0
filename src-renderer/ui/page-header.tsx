import { createContext, type ReactNode, useContext } from 'react';

/** What the frame adds to the header of the page that stands within it, after the page's own actions. */
export const FrameActions = createContext<ReactNode>(null);

/** The 48 px bar of a page: its one h1 at the left, its actions at the right. The window is dragged by it. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  const frameActions = useContext(FrameActions);
  return (
    <header className="drag flex h-(--bar) flex-none items-center gap-2 border-b border-line pr-3 pl-6 max-wide:pl-4">
      <h1 className="min-w-0 flex-1 truncate text-sm">{title}</h1>
      <span className="no-drag flex flex-none items-center gap-2">
        {children}
        {frameActions}
      </span>
    </header>
  );
}
