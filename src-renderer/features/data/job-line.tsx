import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataJob } from '#contract/data';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';

/** How far a job is, and the way to stop it. */
export function JobLine({ job, label }: { job: DataJob; label: string }) {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const id = useId();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <div className="flex items-center gap-3 px-4 py-2.5">
      <label htmlFor={id} className="flex-none text-ink-2">
        {label}
      </label>
      <progress
        id={id}
        data-testid="job-progress"
        className="h-1.5 min-w-0 flex-1 accent-accent"
        {...(job.total === null || job.total === 0 ? {} : { value: job.done, max: job.total })}
      />
      <span className="num flex-none text-xs text-ink-3">
        {job.total === null
          ? ''
          : t('data.progress', { done: number.format(job.done), total: number.format(job.total) })}
      </span>
      <Button onClick={() => void api.request('data.cancelJob', { jobId: job.jobId })}>{t('data.stop')}</Button>
    </div>
  );
}
