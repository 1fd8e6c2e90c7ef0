import { ChevronRight } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { DiagnosticsFile } from '#contract/diagnostics';
import { ErrorNote } from '../../errors/error-note.tsx';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Icon } from '../../ui/icons.tsx';
import { SelectField } from '../../ui/text-field.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { Panel } from './panel.tsx';
import { useDiagnostics } from './use-diagnostics.ts';

const NONE = 'none';

/** What helps to find a fault, to be read file by file before anything is saved. Nothing of it is ever sent. */
export function DiagnosticsPanel() {
  const { t } = useTranslation();
  const { bundle, chosen, sessions, sessionId, problem, busy, collect, choose, asText, save } = useDiagnostics();
  const { state, copy } = useCopy();
  const hasNone = chosen.length === 0;
  return (
    <Panel
      title={t('diagnostics.bundle')}
      hint={t('diagnostics.bundleHint')}
      actions={
        <>
          <Button disabled={busy || bundle === null} onClick={() => void collect(sessionId)}>
            {t('diagnostics.again')}
          </Button>
          <Button disabled={hasNone} onClick={() => copy(asText())}>
            {t(state === 'copied' ? 'action.copied' : state === 'refused' ? 'action.refused' : 'diagnostics.copy')}
          </Button>
          <Button look="solid" data-testid="save-diagnostics" disabled={busy || hasNone} onClick={() => void save()}>
            {t('diagnostics.save')}
          </Button>
        </>
      }
    >
      {problem !== null && (
        <div className="p-3">
          <ErrorNote {...problem} />
        </div>
      )}
      {bundle === null && problem === null && (
        <p role="status" className="px-4 py-2.5 text-ink-3">
          {t('diagnostics.collecting')}
        </p>
      )}
      {bundle?.files.map((file) => (
        <FileRow
          key={file.name}
          file={file}
          isIn={chosen.includes(file)}
          onChange={(isIn) => choose(file.name, isIn)}
        />
      ))}
      {sessions.length > 0 && (
        <div className="flex items-center gap-x-4 gap-y-2 px-4 py-2.5 max-word:flex-wrap">
          <div className="min-w-0 flex-1 max-word:basis-full">
            <p className="font-medium">{t('diagnostics.addConversation')}</p>
            <p className="text-xs text-ink-3">{t('diagnostics.addConversationHint')}</p>
          </div>
          <div className="w-56 min-w-0">
            <SelectField
              label={t('diagnostics.addConversation')}
              hideLabel
              data-testid="diagnostics-conversation"
              value={sessionId ?? NONE}
              onChange={(event) => void collect(event.target.value === NONE ? null : event.target.value)}
              options={[
                { value: NONE, label: t('diagnostics.noConversation') },
                ...sessions.map(({ id, title }) => ({ value: id, label: title === '' ? t('sessions.new') : title })),
              ]}
            />
          </div>
        </div>
      )}
    </Panel>
  );
}

interface FileRowProps {
  file: DiagnosticsFile;
  isIn: boolean;
  onChange: (isIn: boolean) => void;
}

/** One file: whether it comes along, what it is, its size, and its whole text on a click. */
function FileRow({ file, isIn, onChange }: FileRowProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 px-4 py-2.5" data-testid="diagnostics-file">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-3.5 flex-none self-start accent-(--inverse)"
        checked={isIn}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={id} className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{file.name}</span>
          <span className="num text-xs text-ink-3">{formatBytes(file.sizeBytes)}</span>
        </label>
        <p className="text-xs text-ink-3">{t(`diagnostics.part.${file.part}`)}</p>
        <details className="mt-1 text-xs">
          <summary className="touch -ml-1.5 inline-flex items-center gap-1 rounded-md px-1.5 text-ink-2 hover:bg-hover hover:text-ink">
            <Icon of={ChevronRight} size={13} className="chevron" />
            {t('diagnostics.read', { name: file.name })}
          </summary>
          <pre
            className="mt-1.5 max-h-80 overflow-auto rounded-md bg-sunken p-3 wrap-anywhere whitespace-pre-wrap text-ink-2"
            tabIndex={0}
            role="region"
            aria-label={file.name}
          >
            {file.text}
          </pre>
        </details>
      </div>
    </div>
  );
}
