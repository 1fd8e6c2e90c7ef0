import { Check } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import { type ComboRow, comboRows } from './combo-rows.ts';
import { Icon } from './icons.tsx';
import { isComposing } from './is-composing.ts';

interface ComboFieldProps {
  label: string;
  /** What stands below the list: how it came about, or why it is empty. */
  note: ReactNode;
  placeholder: string;
  /** Empty: nothing chosen. */
  value: string;
  options: readonly string[];
  recent: readonly string[];
  /** The row that chooses nothing. */
  own: string;
  recentTitle: string;
  optionsTitle: string;
  /** The row that takes what was typed. */
  typedLabel: (typed: string) => string;
  /** The keyboard begins here when what it stands in opens. */
  first?: boolean;
  /** Each letter; for those who take what was typed without a row being chosen. */
  onType?: (typed: string) => void;
  /** A row was taken; an empty one chooses nothing. */
  onPick: (value: string) => void;
}

/** A field over the list that it filters. What the list does not know can be typed whole. */
export function ComboField(props: ComboFieldProps) {
  const { label, note, placeholder, value, options, recent, own, recentTitle, optionsTitle, typedLabel } = props;
  const { first = false, onType, onPick } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  /** Null until something is typed: then the whole list stands there, whatever is chosen. */
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState<number | null>(null);
  const rows = comboRows({ options, recent, typed: typed ?? '' });
  // What was typed has its best row at hand; before that Enter chooses nothing by itself.
  const at = active !== null && active < rows.length ? active : (typed ?? '').trim() === '' ? null : 0;
  const activeId = at === null ? undefined : `${id}-${at}`;

  useEffect(() => {
    if (at !== null) list.current?.querySelector(`[data-index="${at}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const take = (row: ComboRow) => {
    setTyped(null);
    setActive(null);
    onPick(row.kind === 'own' ? '' : row.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const last = rows.length - 1;
    if (event.key === 'ArrowDown') setActive(at === null || at === last ? 0 : at + 1);
    else if (event.key === 'ArrowUp') setActive(at === null || at === 0 ? last : at - 1);
    else if (event.key === 'Enter') {
      const row = at === null ? undefined : rows[at];
      if (row === undefined) onPick(value);
      else take(row);
    } else return;
    event.preventDefault();
  };

  const groups = [
    { title: null, kinds: ['own'] },
    { title: recentTitle, kinds: ['recent'] },
    { title: optionsTitle, kinds: ['option'] },
    { title: null, kinds: ['typed'] },
  ].map(({ title, kinds }) => ({
    title,
    rows: rows.map((row, index) => ({ row, index })).filter(({ row }) => kinds.includes(row.kind)),
  }));
  const option = ({ row, index }: { row: ComboRow; index: number }) => {
    const rowValue = row.kind === 'own' ? '' : row.value;
    const isChosen = typed === null && rowValue === value && row.kind !== 'typed';
    return (
      // The field hears the keys; the rows are there for the pointer.
      <div
        key={`${row.kind} ${rowValue}`}
        id={`${id}-${index}`}
        role="option"
        data-index={index}
        data-testid="combo-row"
        aria-selected={index === at}
        onPointerMove={() => setActive(index)}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => take(row)}
        className={classNames(
          'touch flex min-h-7 items-center gap-2 rounded-md px-2 py-1',
          row.kind !== 'own' && row.kind !== 'typed' && 'font-mono text-[0.9375em]',
          index === at && 'bg-selected',
        )}
      >
        <Icon of={Check} size={14} className={isChosen ? 'flex-none' : 'invisible flex-none'} />
        {/* Names of models differ at their ends: none is cut off. */}
        <span className="min-w-0 wrap-anywhere">
          {row.kind === 'own' ? own : row.kind === 'typed' ? typedLabel(row.value) : row.value}
        </span>
      </div>
    );
  };
  // While a list is filtered its best row stands first, wherever it came from.
  const isFiltered = (typed ?? '').trim() !== '';
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-xs text-ink-2">
        {label}
      </label>
      <input
        id={id}
        role="combobox"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={activeId}
        aria-describedby={`${id}-note`}
        {...(first ? { 'data-first': true } : {})}
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={typed ?? value}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(null);
          onType?.(event.target.value);
        }}
        onKeyDown={onKeyDown}
        className="touch h-8 w-full min-w-0 rounded-md border border-line-control bg-raised px-2.5 font-mono text-ink"
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        className="thin-scroll -mx-2 mt-1.5 max-h-[min(40vh,17rem)] overflow-auto"
      >
        {isFiltered
          ? rows.map((row, index) => option({ row, index }))
          : groups
              .filter((group) => group.rows.length > 0)
              .map(({ title, rows: some }) =>
                title === null ? (
                  some.map(option)
                ) : (
                  // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own.
                  <div key={title} role="group" aria-label={title}>
                    <p aria-hidden="true" className="px-2 pt-2 pb-1 text-xs text-ink-3">
                      {title}
                    </p>
                    {some.map(option)}
                  </div>
                ),
              )}
      </div>
      <p id={`${id}-note`} className="-mx-3 border-t border-line px-3 pt-2 text-xs break-words text-ink-3 empty:hidden">
        {note}
      </p>
    </div>
  );
}
