import type { TFunction } from 'i18next';
import { FileText, Image, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { mediaUrl } from '../../ipc/media-access.ts';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { type DraftFile, useAttachmentStore } from './attachment-store.ts';
import { isReadable, TextFileButtons } from './text-file-buttons.tsx';

/** The files of the message that is being written: name, size, how far it is, and the way to take it back. */
export function AttachmentChips({
  sessionId,
  files,
  onPasteText,
}: {
  sessionId: string;
  files: DraftFile[];
  /** Takes what a text file holds; the file is no longer one of the message then. */
  onPasteText: (text: string) => void;
}) {
  const { t } = useTranslation();
  if (files.length === 0) return null;
  return (
    <ul aria-label={t('attach.list')} className="thin-scroll flex max-h-40 flex-wrap gap-1.5 overflow-auto px-3 pt-2.5">
      {files.map((file) => (
        <Chip key={file.key} sessionId={sessionId} file={file} onPasteText={onPasteText} />
      ))}
    </ul>
  );
}

function Chip({
  sessionId,
  file,
  onPasteText,
}: {
  sessionId: string;
  file: DraftFile;
  onPasteText: (text: string) => void;
}) {
  const { t } = useTranslation();
  const { api } = useCore();
  const remove = useAttachmentStore((state) => state.remove);
  const retry = useAttachmentStore((state) => state.retry);
  const { state } = file;
  const isImage = file.previewUrl !== null || (state.kind === 'ready' && state.record.isImage);
  const picture = file.previewUrl ?? (state.kind === 'ready' && isImage ? mediaUrl(state.record.path) : null);
  const failed = state.kind === 'failed';
  const percent =
    state.kind === 'sending' && file.sizeBytes !== null && file.sizeBytes > 0
      ? Math.round((state.sentBytes / file.sizeBytes) * 100)
      : 0;
  return (
    <li
      data-testid="attachment"
      data-state={state.kind}
      className={`relative flex max-w-full items-center gap-2 overflow-hidden rounded-md border py-1 pr-1 pl-1.5 text-xs ${
        failed ? 'border-transparent bg-stop-wash' : 'border-line-2 bg-sunken'
      }`}
    >
      {picture !== null ? (
        <img src={picture} alt="" className="size-8 flex-none rounded-sm border border-line object-cover" />
      ) : (
        <Icon of={isImage ? Image : FileText} className={failed ? 'text-stop-ink' : 'text-ink-2'} />
      )}
      <span className="grid min-w-0">
        <span className="max-w-56 truncate text-ink" title={file.name}>
          {file.name}
        </span>
        {state.kind === 'failed' ? (
          <span role="alert" className="max-w-96 text-stop-ink">
            {failureSentence(state.error.message, state.error.details?.['said'])}
          </span>
        ) : (
          <span className="num text-ink-3">{progressWords(file, t)}</span>
        )}
      </span>
      {state.kind === 'failed' && state.error.retry.kind !== 'no' && (
        <IconButton
          small
          icon={RotateCw}
          label={t('attach.retry', { name: file.name })}
          onClick={() => retry(api, sessionId, file.key)}
        />
      )}
      {state.kind === 'ready' && isReadable(state.record) && (
        <TextFileButtons
          record={state.record}
          onPaste={(text) => {
            remove(sessionId, file.key);
            onPasteText(text);
          }}
        />
      )}
      <IconButton
        small
        data-testid="attachment-remove"
        icon={X}
        label={t('attach.remove', { name: file.name })}
        onClick={() => remove(sessionId, file.key)}
      />
      {state.kind === 'sending' && (
        <span
          role="progressbar"
          aria-label={t('attach.sending', { name: file.name })}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          className="absolute bottom-0 left-0 h-0.5 bg-accent"
          style={{ width: `${percent}%` }}
        />
      )}
    </li>
  );
}

function progressWords(file: DraftFile, t: TFunction): string {
  if (file.sizeBytes === null) return '';
  const size = formatBytes(file.sizeBytes);
  switch (file.state.kind) {
    case 'waiting':
      return t('attach.waiting', { size });
    case 'sending':
      return t('attach.progress', { sent: formatBytes(file.state.sentBytes), size });
    case 'ready':
    case 'failed':
      return size;
  }
}
