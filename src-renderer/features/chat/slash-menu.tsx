import { ScrollText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import { Icon } from '../../ui/icons.tsx';
import type { SlashCommand, SlashPrompt } from './slash-commands.ts';

/** What a message may begin with: a command, or a prompt of the library. */
export type SlashEntry = { kind: 'command'; command: SlashCommand } | { kind: 'prompt'; prompt: SlashPrompt };

/** Names an entry within its list. */
export function entryKey(entry: SlashEntry): string {
  return entry.kind === 'command' ? entry.command.name : `prompt-${entry.prompt.id}`;
}

interface SlashMenuProps {
  id: string;
  entries: readonly SlashEntry[];
  /** The one that Enter takes. */
  active: number;
  onActive: (index: number) => void;
  onTake: (entry: SlashEntry) => void;
}

/** What a message may begin with. The focus stays in the text; the arrow keys move here. */
export function SlashMenu({ id, entries, active, onActive, onTake }: SlashMenuProps) {
  const { t } = useTranslation();
  return (
    <ul
      id={id}
      role="listbox"
      aria-label={t('slash.label')}
      data-testid="slash-menu"
      className="thin-scroll absolute inset-x-0 bottom-full z-20 mb-1.5 max-h-[40vh] max-w-110 overflow-auto rounded-lg border border-line-2 bg-raised p-1 shadow-lift-2"
    >
      {entries.map((entry, index) => (
        <li
          key={entryKey(entry)}
          id={`${id}-${entryKey(entry)}`}
          role="option"
          aria-selected={index === active}
          onPointerMove={() => onActive(index)}
          // The text keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(entry)}
          className={classNames('touch flex h-8 items-center gap-3 rounded-md px-2', index === active && 'bg-selected')}
        >
          {entry.kind === 'command' ? (
            <>
              <span className="w-20 flex-none font-mono text-[0.9375em] font-medium">/{entry.command.name}</span>
              <span className="min-w-0 flex-1 truncate text-ink-2">{t(`slash.${entry.command.name}`)}</span>
            </>
          ) : (
            <>
              <Icon of={ScrollText} size={14} className="text-ink-3" />
              <span className="max-w-[60%] flex-none truncate font-medium">{entry.prompt.name}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-ink-3">
                {entry.prompt.body.slice(0, 80).replace(/\s+/g, ' ')}
              </span>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
