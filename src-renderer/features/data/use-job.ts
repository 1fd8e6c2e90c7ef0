import { useEffect, useState } from 'react';
import type { DataJob } from '#contract/data';
import { useCore } from '../../ipc/use-api.ts';
import { laterJob } from './later-job.ts';

/**
 * A job as it stands, told by the core. Also asked for after the line was cut: what was told meanwhile was told to nobody.
 *
 * @param started the job as its start answered; null for none.
 */
export function useJob(started: DataJob | null): DataJob | null {
  const { api } = useCore();
  const [told, setTold] = useState<DataJob | null>(null);
  const jobId = started?.jobId ?? null;
  useEffect(() => {
    if (jobId === null) return;
    const take = (job: DataJob) => setTold((known) => laterJob(known, job));
    const ask = () =>
      void api.request('data.job', { jobId }).then((answer) => {
        if (answer.ok) take(answer.data);
      });
    const offEvents = api.onEvent((event) => {
      if (event.event === 'data.progress' && event.job.jobId === jobId) take(event.job);
    });
    const offConnection = api.onConnection((state) => {
      if (state === 'up') ask();
    });
    // It may have ended before anybody listened.
    ask();
    return () => {
      offEvents();
      offConnection();
    };
  }, [api, jobId]);
  return told !== null && told.jobId === jobId ? told : started;
}
