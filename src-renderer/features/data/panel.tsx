import type { ReactNode } from 'react';

/** A part of the page: its name, one sentence about it, its actions, and what it lists. */
export function Panel(props: { title: string; hint: string; actions?: ReactNode; children?: ReactNode }) {
  const { title, hint, actions, children } = props;
  return (
    <section aria-label={title}>
      <h2 className="mb-2">{title}</h2>
      <div className="divide-y divide-line rounded-lg border border-line bg-raised">
        <div className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
          <p className="min-w-0 flex-1 basis-72 text-ink-2 max-word:basis-full">{hint}</p>
          {actions !== undefined && <div className="flex flex-none flex-wrap gap-1.5">{actions}</div>}
        </div>
        {children}
      </div>
    </section>
  );
}
