import { Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, Result } from '#contract/errors';
import type { TagCount } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { TextField } from '../../ui/text-field.tsx';
import { knownTag, readTag } from './tags.ts';

/** What a row asks before it is done. */
type Question = { kind: 'merge'; tag: string; into: string } | { kind: 'delete'; tag: string };

/** Every tag, to be renamed or removed wherever it stands. */
export function AllTagsDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { api } = useCore();
  const [tags, setTags] = useState<readonly TagCount[] | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const list = useRef<HTMLUListElement>(null);
  /** A row goes with its name, and the keyboard with it: on to the row of this name, or to what stands in this place then. */
  const next = useRef<string | number | null>(null);
  useEffect(() => {
    const to = next.current;
    next.current = null;
    if (to === null) return;
    const fields = [...(list.current?.querySelectorAll('input') ?? [])];
    const field =
      typeof to === 'string' ? fields.find(({ value }) => value === to) : fields[Math.min(to, fields.length - 1)];
    (field ?? list.current?.closest('form')?.querySelector<HTMLElement>('[type=submit]'))?.focus();
  }, [tags]);

  const take = (answer: Result<{ tags: TagCount[] }>) => {
    setProblem(answer.ok ? null : answer.error);
    if (!answer.ok) {
      next.current = null;
      return;
    }
    const { compare } = new Intl.Collator(i18n.language, { numeric: true });
    setTags(answer.data.tags.toSorted((a, b) => compare(a.tag, b.tag)));
    setQuestion(null);
  };
  const takeAnswer = useRef(take);
  useEffect(() => {
    void api.request('tags.list', {}).then((answer) => takeAnswer.current(answer));
  }, [api]);

  const rename = async (tag: string, to: string, merge = false) => {
    next.current = to;
    take(await api.request('tags.rename', { tag, to, ...(merge ? { merge } : {}) }));
  };
  const wish = (tag: string, typed: string) => {
    const name = readTag(typed);
    if (name === null || name === tag) return;
    const others = (tags ?? []).map((each) => each.tag).filter((each) => each !== tag);
    const into = knownTag(name, others);
    if (others.includes(into)) setQuestion({ kind: 'merge', tag, into });
    else void rename(tag, name);
  };
  const answer = async ({ kind, tag, ...rest }: Question) => {
    if (kind === 'delete') {
      next.current = (tags ?? []).findIndex((each) => each.tag === tag);
      take(await api.request('tags.delete', { tag }));
    } else if ('into' in rest) await rename(tag, rest.into, true);
  };

  return (
    <Dialog title={t('tags.all')} body={t('tags.allHint')} onClose={onClose} onSubmit={onClose}>
      {problem !== null && (
        <p role="alert" className="text-xs text-stop-ink">
          {problem.message}
        </p>
      )}
      {tags?.length === 0 && <p className="text-ink-3">{t('tags.none')}</p>}
      <ul ref={list} className="thin-scroll -mx-1 grid max-h-[50vh] gap-2 overflow-auto px-1 py-0.5">
        {tags?.map((each) => (
          <li key={each.tag}>
            <TagField
              {...each}
              onRename={(typed) => wish(each.tag, typed)}
              onDelete={() => setQuestion({ kind: 'delete', tag: each.tag })}
              asked={
                question?.tag !== each.tag
                  ? null
                  : {
                      text:
                        question.kind === 'merge'
                          ? t('tags.mergeAsk', { tag: each.tag, into: question.into })
                          : t('tags.deleteAsk', { tag: each.tag, count: each.count }),
                      yes: t(question.kind === 'merge' ? 'tags.merge' : 'tags.delete'),
                      onYes: () => void answer(question),
                      onNo: () => setQuestion(null),
                    }
              }
            />
          </li>
        ))}
      </ul>
      <div className="mt-1 flex justify-end">
        <Button tall type="submit">
          {t('tags.done')}
        </Button>
      </div>
    </Dialog>
  );
}

interface TagFieldProps extends TagCount {
  onRename: (typed: string) => void;
  onDelete: () => void;
  /** What is asked about it. */
  asked: AskProps | null;
}

interface AskProps {
  text: string;
  yes: string;
  onYes: () => void;
  onNo: () => void;
}

/** One tag. Enter renames it, and so does the button that appears with the first changed letter; Escape takes that back. */
function TagField({ tag, count, onRename, onDelete, asked }: TagFieldProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(tag);
  const changed = (readTag(typed) ?? tag) !== tag;
  const field = useRef<HTMLInputElement>(null);
  const remove = useRef<HTMLButtonElement>(null);
  return (
    <div data-testid="tag-row">
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            hideLabel
            ref={field}
            label={t('tags.nameOf', { tag })}
            maxLength={40}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (isComposing(event.nativeEvent)) return;
              if (event.key === 'Enter') {
                event.preventDefault();
                onRename(typed);
              } else if (event.key === 'Escape' && changed) {
                event.preventDefault();
                setTyped(tag);
              }
            }}
          />
        </div>
        {changed ? (
          <Button tall className="w-27 justify-center" onClick={() => onRename(typed)}>
            {t('tags.rename')}
          </Button>
        ) : (
          <span className="num w-27 flex-none text-right text-xs whitespace-nowrap text-ink-3">
            {t('tags.count', { count })}
          </span>
        )}
        <IconButton icon={Trash2} label={t('tags.deleteTag', { tag })} onClick={onDelete} ref={remove} />
      </div>
      {asked !== null && (
        <Ask
          {...asked}
          onNo={() => {
            asked.onNo();
            // The button that was pressed goes with the question.
            (changed ? field : remove).current?.focus();
          }}
        />
      )}
    </div>
  );
}

/** A question in its row; the focus goes to the answer that changes nothing. */
function Ask({ text, yes, onYes, onNo }: AskProps) {
  const { t } = useTranslation();
  const no = useRef<HTMLSpanElement>(null);
  useEffect(() => no.current?.querySelector('button')?.focus(), []);
  return (
    <div
      role="alert"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // It answers the question, and leaves the dialog around it open.
        event.preventDefault();
        onNo();
      }}
      className="mt-1 mb-2 flex flex-wrap items-center gap-2 rounded-md bg-wait-wash px-2.5 py-1.5 text-xs"
    >
      <span className="min-w-40 flex-1">{text}</span>
      <span ref={no}>
        <Button onClick={onNo}>{t('action.cancel')}</Button>
      </span>
      <Button look="danger" data-testid="tag-yes" onClick={onYes}>
        {yes}
      </Button>
    </div>
  );
}
