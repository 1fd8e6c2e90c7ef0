import type { ReactNode } from 'react';

export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2">{title}</h2>
      <div className="divide-y divide-line rounded-lg border border-line bg-raised">{children}</div>
    </section>
  );
}

/** A setting: its name, one sentence about it, its control. */
export function Row({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <div className="flex min-h-14 items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
      <div className="min-w-0 flex-1 max-word:basis-full">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-3">{hint}</p>
      </div>
      <div className="min-w-0 flex-[0_1_auto]">{children}</div>
    </div>
  );
}
