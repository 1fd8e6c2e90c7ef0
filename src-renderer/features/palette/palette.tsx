import { MessageSquare, ScrollText, TextSearch } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { COMMANDS, type CommandDefinition, type CommandId } from '#contract/commands';
import type { PromptRecord } from '#contract/records';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { classNames } from '../../ui/class-names.ts';
import { formatDay } from '../../ui/format.ts';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { KeyCaps } from '../../ui/key-caps.tsx';
import { Marked } from '../../ui/marked.tsx';
import { rankMatches } from '../../ui/rank-matches.ts';
import { COMMAND_ICONS } from './command-icons.ts';

interface PaletteProps {
  /** What can be done now. */
  commands: readonly CommandId[];
  capsOf: (id: CommandId) => string[];
  sessions: readonly { id: string; title: string; updatedAtMs: number }[];
  prompts: readonly PromptRecord[];
  onCommand: (id: CommandId) => void;
  onSession: (sessionId: string) => void;
  onPrompt: (prompt: PromptRecord) => void;
  onSearch: (query: string) => void;
  onClose: () => void;
}

interface Row {
  key: string;
  icon: IconType;
  name: string;
  sub: string;
  caps: string[];
  run: () => void;
}

interface Section {
  name: string;
  rows: Row[];
}

/** What makes sense by its keys alone. */
const ONLY_KEYS: ReadonlySet<CommandId> = new Set<CommandId>(['showPalette', 'nextPart', 'previousPart']);

/** Of each kind at once: a list that is longer is searched by typing on. */
const SHOWN_SESSIONS = 6;
const SHOWN_PROMPTS = 5;

/** Commands, pages, prompts and conversations by name. The focus stays in the field; the arrow keys choose. */
export function Palette(props: PaletteProps) {
  const { commands, capsOf, sessions, prompts, onCommand, onSession, onPrompt, onSearch, onClose } = props;
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const typed = query.trim();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // What was focused before gets the focus back, unless what was chosen puts it elsewhere.
    return () => element?.close();
  }, []);

  const sections = useMemo((): Section[] => {
    const rowsOf = (groups: readonly CommandDefinition['group'][]): Row[] =>
      rankMatches(
        commands.filter((each) => !ONLY_KEYS.has(each) && groups.includes(COMMANDS[each].group)),
        (each) => t(`command.${each}`),
        typed,
      ).map((each) => ({
        key: each,
        icon: COMMAND_ICONS[each],
        name: t(`command.${each}`),
        sub: '',
        caps: capsOf(each),
        run: () => onCommand(each),
      }));
    const all: Section[] = [
      { name: t('palette.conversation'), rows: rowsOf(['conversation', 'queue']) },
      { name: t('palette.go'), rows: rowsOf(['go']) },
      {
        name: t('palette.prompts'),
        rows: rankMatches(prompts, (prompt) => prompt.name, typed)
          .slice(0, SHOWN_PROMPTS)
          .map((prompt) => ({
            key: `prompt ${prompt.id}`,
            icon: ScrollText,
            name: prompt.name,
            sub: prompt.body.replace(/\s+/g, ' ').slice(0, 80),
            caps: [],
            run: () => onPrompt(prompt),
          })),
      },
      {
        name: t('palette.sessions'),
        rows: rankMatches(sessions, (session) => session.title, typed)
          .slice(0, SHOWN_SESSIONS)
          .map((session) => ({
            key: `session ${session.id}`,
            icon: MessageSquare,
            name: session.title,
            sub: formatDay(session.updatedAtMs),
            caps: [],
            run: () => onSession(session.id),
          })),
      },
      { name: t('palette.view'), rows: rowsOf(['view']) },
    ];
    if (typed !== '') {
      const row: Row = {
        key: 'search',
        icon: TextSearch,
        name: t('palette.searchFor', { query: typed }),
        sub: '',
        caps: [],
        run: () => onSearch(typed),
      };
      all.push({ name: t('palette.messages'), rows: [row] });
    }
    return all.filter((section) => section.rows.length > 0);
  }, [t, typed, commands, capsOf, sessions, prompts, onCommand, onSession, onPrompt, onSearch]);

  const rows = sections.flatMap((section) => section.rows);
  const at = Math.min(active, rows.length - 1);
  const chosen = rows[at];
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at, typed]);

  const run = (row: Row) => {
    // The keyboard goes back to where it was first: what opens next gives it back there.
    dialog.current?.close();
    onClose();
    row.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // What lies below must not hear the palette's keys.
    event.stopPropagation();
    if (isComposing(event.nativeEvent)) return;
    const count = rows.length;
    if (event.key === 'ArrowDown') setActive((at + 1) % count);
    else if (event.key === 'ArrowUp') setActive((at - 1 + count) % count);
    else if (event.key === 'PageDown') setActive(Math.min(at + 8, count - 1));
    else if (event.key === 'PageUp') setActive(Math.max(at - 8, 0));
    else if (event.key === 'Enter' && chosen !== undefined) run(chosen);
    else if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) onClose();
    else return;
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      aria-label={t('command.showPalette')}
      data-testid="palette"
      onClose={onClose}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className="no-drag m-0 mx-auto mt-24 w-[min(37.5rem,calc(100vw-2rem))] max-w-none overflow-hidden rounded-xl border border-line-2 bg-raised p-0 text-ink shadow-lift-3 max-wide:mt-14"
    >
      <div className="flex h-12 items-center gap-2.5 border-b border-line px-4">
        <Icon of={TextSearch} className="text-ink-3" />
        <input
          autoFocus
          role="combobox"
          data-testid="palette-input"
          aria-label={t('palette.label')}
          aria-expanded={rows.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${at}`}
          placeholder={t('palette.label')}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          className="min-w-0 flex-1 bg-transparent text-md outline-none"
        />
        <KeyCaps caps={[fixedKeyText('stop')]} />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={t('command.showPalette')}
        className="thin-scroll max-h-[min(26rem,calc(100vh-14rem))] overflow-auto px-1.5 pb-1.5"
      >
        {sections.map((section) => (
          <div key={section.name} role="group" aria-label={section.name}>
            <p aria-hidden="true" className="px-2.5 pt-2 pb-0.5 text-xs font-medium text-ink-3">
              {section.name}
            </p>
            {section.rows.map((row) => {
              const index = rows.indexOf(row);
              return (
                <div
                  key={row.key}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  data-testid="palette-row"
                  onPointerMove={() => setActive(index)}
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => run(row)}
                  className={classNames(
                    'touch flex min-h-8.5 items-center gap-2.5 rounded-md px-2.5 max-word:py-1',
                    index === at && 'bg-selected',
                  )}
                >
                  <Icon of={row.icon} className={index === at ? 'text-ink-2' : 'text-ink-3'} />
                  <span className="max-w-[75%] min-w-0 truncate max-word:max-w-none max-word:flex-1 max-word:whitespace-normal">
                    {row.key === 'search' ? row.name : <Marked text={row.name} query={typed} />}
                  </span>
                  <span className="min-w-0 flex-1 truncate text-xs text-ink-3 max-word:flex-none empty:max-word:hidden">
                    {row.sub}
                  </span>
                  <KeyCaps caps={row.caps} />
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <footer
        aria-hidden="true"
        className="flex h-8.5 items-center gap-4 border-t border-line px-4 text-xs text-ink-3 max-word:hidden"
      >
        <span className="inline-flex items-center gap-1.5">
          <KeyCaps caps={['↑', '↓']} /> {t('palette.choose')}
        </span>
        <span className="inline-flex items-center gap-1.5">
          <KeyCaps caps={[fixedKeyText('send')]} /> {t('palette.run')}
        </span>
      </footer>
    </dialog>
  );
}
