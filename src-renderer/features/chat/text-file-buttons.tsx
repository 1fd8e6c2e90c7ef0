import { BookOpen, TextCursorInput } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAX_TEXT_FILE_BYTES } from '#contract/limits';
import type { AttachmentRecord } from '#contract/records';
import { mediaUrl } from '../../ipc/media-access.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { chunkCode } from './markdown/code-chunks.ts';
import { CodeLines } from './markdown/code-lines.tsx';

/** Whether a file is text that can be read here, and put into the field. */
export function isReadable({ mediaType, sizeBytes }: AttachmentRecord): boolean {
  return mediaType.startsWith('text/') && sizeBytes <= MAX_TEXT_FILE_BYTES;
}

/** Null where the file is out of reach. */
async function readText(path: string): Promise<string | null> {
  try {
    const reply = await fetch(mediaUrl(path), { cache: 'no-store' });
    return reply.ok ? await reply.text() : null;
  } catch {
    // Out of reach: whoever asked is told.
    return null;
  }
}

/** Opens a text file of a message that is being written, or puts its text into the field. */
export function TextFileButtons({ record, onPaste }: { record: AttachmentRecord; onPaste: (text: string) => void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  const { name, path } = record;
  const paste = async () => {
    const text = await readText(path);
    if (text === null) setFailed(true);
    else onPaste(text);
  };
  return (
    <>
      {failed && (
        <span role="alert" className="text-stop-ink">
          {t('attach.unreadable')}
        </span>
      )}
      <IconButton
        small
        data-testid="attachment-read"
        icon={BookOpen}
        label={t('attach.read', { name })}
        onClick={() => setOpen(true)}
      />
      <IconButton
        small
        data-testid="attachment-as-text"
        icon={TextCursorInput}
        label={t('attach.asText', { name })}
        onClick={() => void paste()}
      />
      {isOpen && <TextDialog name={name} path={path} onClose={() => setOpen(false)} />}
    </>
  );
}

function TextDialog({ name, path, onClose }: { name: string; path: string; onClose: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [text, setText] = useState<string | null>('');
  useEffect(() => {
    dialog.current?.showModal();
    let isCurrent = true;
    void readText(path).then((read) => {
      if (isCurrent) setText(read);
    });
    return () => {
      isCurrent = false;
    };
  }, [path]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      className="no-drag m-auto w-[min(52rem,calc(100vw-2rem))] rounded-xl border border-line-2 bg-raised p-5 text-ink shadow-lift-3"
    >
      <h2 id={id} className="mb-3 text-lg break-words">
        {name}
      </h2>
      {text === null ? (
        <p role="alert" className="text-stop-ink">
          {t('attach.unreadable')}
        </p>
      ) : (
        <pre
          tabIndex={0}
          aria-label={name}
          data-testid="attachment-text"
          className="thin-scroll max-h-[60vh] overflow-auto rounded-md bg-sunken p-3 font-mono text-xs wrap-anywhere whitespace-pre-wrap"
        >
          <CodeLines chunks={chunkCode(text)} lines={null} />
        </pre>
      )}
      <div className="mt-4 flex justify-end">
        <Button tall onClick={() => dialog.current?.close()}>
          {t('attach.close')}
        </Button>
      </div>
    </dialog>
  );
}
