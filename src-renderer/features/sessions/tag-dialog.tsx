import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogActions } from '../../ui/dialog-actions.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { knownTag, readTag } from './tags.ts';

interface TagDialogProps {
  title: string;
  tags: readonly string[];
  /** Every tag that is in use somewhere. */
  known: readonly string[];
  onSave: (tags: string[]) => void;
  onClose: () => void;
}

/** The tags of one conversation: known ones by a click, new ones by writing them. */
export function TagDialog({ title, tags, known, onSave, onClose }: TagDialogProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<readonly string[]>(tags);
  const [typed, setTyped] = useState('');
  const all = [...known, ...chosen.filter((tag) => !known.includes(tag))];
  const withTyped = (): string[] => {
    const tag = readTag(typed);
    const next = tag === null ? null : knownTag(tag, all);
    return next === null || chosen.includes(next) ? [...chosen] : [...chosen, next];
  };
  return (
    <Dialog
      title={t('tags.title')}
      body={title}
      onClose={onClose}
      onSubmit={() => {
        onSave(withTyped());
        onClose();
      }}
    >
      <TextField
        autoFocus
        label={t('tags.new')}
        data-testid="new-tag"
        hint={t('tags.hint')}
        maxLength={40}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== ',' && event.key !== '，') return;
          event.preventDefault();
          setChosen(withTyped());
          setTyped('');
        }}
      />
      {all.length > 0 && (
        <div role="group" aria-label={t('tags.known')} className="flex flex-wrap gap-1.5">
          {all.map((tag) => (
            <TagChip
              key={tag}
              tag={tag}
              on={chosen.includes(tag)}
              onToggle={() =>
                setChosen(chosen.includes(tag) ? chosen.filter((each) => each !== tag) : [...chosen, tag])
              }
            />
          ))}
        </div>
      )}
      <DialogActions submit={t('tags.save')} onClose={onClose} />
    </Dialog>
  );
}

/** A tag that is on or off. */
export function TagChip({ tag, on, onToggle }: { tag: string; on: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onToggle}
      className={classNames(
        'touch inline-flex h-5.5 max-w-full items-center rounded-sm border px-1.5 text-xs',
        on ? 'border-inverse bg-inverse font-medium text-on-inverse' : 'border-line-2 text-ink-2 hover:bg-hover',
      )}
    >
      <span className="truncate">{tag}</span>
    </button>
  );
}
