import type { TFunction } from 'i18next';
import { FolderInput } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataJob, ImportOutcome, ImportPreview } from '#contract/data';
import type { AppError } from '#contract/errors';
import { ErrorNote } from '../../errors/error-note.tsx';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Button } from '../../ui/button.tsx';
import { DropVeil } from '../../ui/drop-veil.tsx';
import { endedText, listText, sentencesText } from '../../ui/join-text.ts';
import { useFileDrop } from '../../ui/use-file-drop.ts';
import { ImportItems, ImportPreviewList } from './import-lists.tsx';
import { JobLine } from './job-line.tsx';
import { Panel } from './panel.tsx';
import { sendImport } from './send-import.ts';
import { useJob } from './use-job.ts';

type Chosen = { importId: string; preview: ImportPreview };

interface ImportPanelProps {
  /** A file that the host handed in; it is looked at like one that was chosen here. */
  handedIn: string | null;
  onTaken: () => void;
}

/** Conversations from elsewhere: chosen, looked at, and only then taken in. */
export function ImportPanel({ handedIn, onTaken }: ImportPanelProps) {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const input = useRef<HTMLInputElement>(null);
  const [reading, setReading] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [started, setStarted] = useState<DataJob | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const job = useJob(started);
  const working = job?.state === 'working';
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' });

  /** The file that waits for a decision; nobody decides about two at once. */
  const waiting = useRef<string | null>(null);
  const put = useCallback((next: Chosen | null) => {
    waiting.current = next?.importId ?? null;
    setChosen(next);
  }, []);
  const look = useCallback(
    async (importId: string) => {
      const preview = await api.request('data.importPreview', { importId });
      const before = waiting.current;
      if (before !== null) void api.request('data.importForget', { importId: before });
      setStarted(null);
      setProblem(preview.ok ? null : preview.error);
      put(preview.ok ? { importId, preview: preview.data } : null);
      if (!preview.ok) void api.request('data.importForget', { importId });
    },
    [api, put],
  );
  useEffect(() => {
    if (handedIn === null) return;
    onTaken();
    input.current?.scrollIntoView({ block: 'center' });
    // Its states are set once the core has answered.
    queueMicrotask(() => void look(handedIn));
  }, [handedIn, onTaken, look]);

  const choose = async (file: File) => {
    setProblem(null);
    setStarted(null);
    setReading(t('data.reading', { name: file.name, percent: percent.format(0) }));
    const sent = await sendImport(api, file, (bytes) =>
      setReading(t('data.reading', { name: file.name, percent: percent.format(bytes / file.size) })),
    );
    if (sent.ok) {
      setReading(t('data.looking', { name: file.name }));
      await look(sent.data);
    } else setProblem(sent.error);
    setReading(null);
  };
  const start = async ({ importId }: Chosen) => {
    const answer = await api.request('data.importStart', { importId });
    if (answer.ok) setStarted(answer.data);
    else setProblem(answer.error);
    put(null);
  };
  const forget = ({ importId }: Chosen) => {
    put(null);
    void api.request('data.importForget', { importId });
  };
  const result = job?.imported ?? null;
  const busy = working || reading !== null || chosen !== null;
  const drop = ([file]: File[]) => {
    if (file === undefined) return;
    // What came of it is to be seen.
    input.current?.scrollIntoView({ block: 'center' });
    void choose(file);
  };
  const dragging = useFileDrop(busy ? null : drop);

  return (
    <Panel
      title={t('data.import')}
      hint={t('data.importHint')}
      actions={
        <>
          <input
            ref={input}
            type="file"
            accept=".json,.zip,.bak,.sluice,application/json,application/zip"
            className="sr-only"
            tabIndex={-1}
            aria-hidden="true"
            data-testid="import-file"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              event.target.value = '';
              if (file !== undefined) void choose(file);
            }}
          />
          <Button data-testid="import-choose" disabled={busy} onClick={() => input.current?.click()}>
            {t('data.chooseFile')}
          </Button>
        </>
      }
    >
      {dragging && <DropVeil icon={FolderInput} text={t('data.drop')} />}
      {problem !== null && (
        <div className="p-3">
          <ErrorNote {...problem} />
        </div>
      )}
      {reading !== null && (
        <p role="status" className="px-4 py-2.5 text-ink-2">
          {reading}
        </p>
      )}
      {chosen !== null && (
        <div data-testid="import-preview">
          <div className="flex items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
            <p className="min-w-0 flex-1 max-word:basis-full">
              {t('data.preview', {
                name: chosen.preview.name,
                source: t(`data.source.${chosen.preview.source}`),
                conversations: t('data.conversations', { count: chosen.preview.conversations }),
                messages: t('data.messages', { count: chosen.preview.messages }),
                files: t('data.files', { count: chosen.preview.attachments }),
              })}
            </p>
            <div className="flex flex-none gap-1.5">
              <Button onClick={() => forget(chosen)}>{t('action.cancel')}</Button>
              <Button
                look="solid"
                data-testid="import-start"
                disabled={chosen.preview.conversations === 0}
                onClick={() => void start(chosen)}
              >
                {t('data.importDo', { count: chosen.preview.conversations })}
              </Button>
            </div>
          </div>
          <ImportPreviewList items={chosen.preview.items} />
        </div>
      )}
      {job !== null && working && <JobLine job={job} label={t('data.importing')} />}
      {job?.state === 'failed' && (
        <p role="alert" className="px-4 py-2.5 text-stop-ink">
          {failureSentence(job.message ?? '', job.said)}
        </p>
      )}
      {job !== null && !working && result !== null && (
        <div data-testid="import-result">
          <p role="status" className="px-4 py-2.5">
            {sentencesText(job.state === 'cancelled' ? t('data.stopped') : '', endedText(whatCame(t, result.counts)))}
          </p>
          <ImportItems items={result.items} />
        </div>
      )}
    </Panel>
  );
}

const OUTCOMES: readonly ImportOutcome[] = ['imported', 'present', 'copied', 'failed'];

/** What became of how many, without what became of none. */
function whatCame(t: TFunction, counts: Record<ImportOutcome, number>): string {
  const told = OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) =>
    t(`data.importedCount.${outcome}`, { count: counts[outcome] }),
  );
  return told.length === 0 ? t('data.nothingImported') : listText(told);
}
