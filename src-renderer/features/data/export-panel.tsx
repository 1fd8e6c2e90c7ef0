import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataJob } from '#contract/data';
import type { AppError } from '#contract/errors';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format-bytes.ts';
import { saveBlob } from '../../ui/save-file.ts';
import { fetchExport } from './fetch-export.ts';
import { JobLine } from './job-line.tsx';
import { Panel } from './panel.tsx';
import { useJob } from './use-job.ts';

/** Everything in one file that other programs can read, too. */
export function ExportPanel({ isRescue = false }: { isRescue?: boolean }) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [started, setStarted] = useState<DataJob | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const job = useJob(started);
  const fetched = useRef<string | null>(null);
  const working = job?.state === 'working';

  useEffect(() => {
    if (job?.state !== 'done' || job.exported === null || fetched.current === job.jobId) return;
    fetched.current = job.jobId;
    const { fileName } = job.exported;
    void fetchExport(api, job.jobId).then((answer) => {
      if (answer.ok) saveBlob(fileName, answer.data);
      else setProblem(answer.error);
    });
  }, [api, job]);

  const start = async () => {
    setProblem(null);
    const answer = await api.request('data.export', {});
    if (answer.ok) setStarted(answer.data);
    else setProblem(answer.error);
  };
  return (
    <Panel
      title={isRescue ? t('rescue.export') : t('data.export')}
      hint={isRescue ? t('rescue.exportHint') : t('data.exportHint')}
      actions={
        <Button data-testid="export-all" disabled={working} onClick={() => void start()}>
          {isRescue ? t('rescue.exportDo') : t('data.exportAll')}
        </Button>
      }
    >
      {problem !== null && (
        <div className="p-3">
          <ErrorNote {...problem} />
        </div>
      )}
      {job !== null && working && <JobLine job={job} label={t('data.exporting')} />}
      {job?.state === 'failed' && (
        <p role="alert" className="px-4 py-2.5 text-stop-ink">
          {failureSentence(job.message ?? '', job.said)}
        </p>
      )}
      {job?.state === 'done' && job.exported !== null && (
        <p role="status" data-testid="export-done" className="px-4 py-2.5 text-ink-2">
          {t('data.exported', {
            fileName: job.exported.fileName,
            size: formatBytes(job.exported.sizeBytes),
            conversations: t('data.conversations', { count: job.exported.conversations }),
            files: t('data.files', { count: job.exported.attachments }),
          })}
          {job.exported.missing > 0 && ` ${t('data.exportMissing', { count: job.exported.missing })}`}
        </p>
      )}
    </Panel>
  );
}
