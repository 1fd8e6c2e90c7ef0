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
    <div className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      {/* A control that leaves the sentence this much stays beside it; a wider one goes below. */}
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-3">{hint}</p>
      </div>
      <div className="max-w-full min-w-0 flex-[0_1_auto]">{children}</div>
    </div>
  );
}
