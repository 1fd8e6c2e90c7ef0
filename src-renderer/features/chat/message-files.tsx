import { FileText, Image } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mediaUrl } from '../../ipc/media-access.ts';
import { Icon } from '../../ui/icons.tsx';
import type { FileBlock } from './message-input.ts';

/** What was sent with a message: images to look at, everything else by its name below them. */
export function MessageFiles({ files }: { files: readonly FileBlock[] }) {
  const { t } = useTranslation();
  if (files.length === 0) return null;
  const images = files.filter((file) => file.type === 'image');
  const others = files.filter((file) => file.type === 'file');
  return (
    <div className="mt-2 grid gap-1.5 first:mt-0">
      {[images, others].map(
        (group, index) =>
          group.length > 0 && (
            <ul
              key={index}
              aria-label={t(group === images ? 'attach.images' : 'attach.list')}
              className="flex min-w-0 flex-wrap gap-1.5"
            >
              {group.map((file, at) => (
                <li key={`${at} ${file.path}`} className="flex max-w-full min-w-0">
                  {file.type === 'image' ? <Picture file={file} /> : <FileChip file={file} />}
                </li>
              ))}
            </ul>
          ),
      )}
    </div>
  );
}

function Picture({ file }: { file: FileBlock }) {
  const [broken, setBroken] = useState(false);
  if (broken) return <FileChip file={file} />;
  return (
    <img
      data-testid="message-image"
      src={mediaUrl(file.path)}
      alt={file.name}
      title={file.name}
      loading="lazy"
      onError={() => setBroken(true)}
      className="max-h-60 max-w-full rounded-md border border-line object-contain"
    />
  );
}

export function FileChip({ file }: { file: { type: FileBlock['type']; name: string } }) {
  return (
    <span
      data-testid="file-chip"
      title={file.name}
      className="inline-flex h-5 max-w-72 min-w-0 items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2"
    >
      <Icon of={file.type === 'image' ? Image : FileText} size={12} />
      <span className="truncate">{file.name}</span>
    </span>
  );
}
