import { useTranslation } from 'react-i18next';
import { classNames } from '../../ui/class-names.ts';
import type { SlashCommand } from './slash-commands.ts';

interface SlashMenuProps {
  id: string;
  commands: readonly SlashCommand[];
  /** The one that Enter takes. */
  active: number;
  onActive: (index: number) => void;
  onTake: (command: SlashCommand) => void;
}

/** What a message may begin with. The focus stays in the text; the arrow keys move here. */
export function SlashMenu({ id, commands, active, onActive, onTake }: SlashMenuProps) {
  const { t } = useTranslation();
  return (
    <ul
      id={id}
      role="listbox"
      aria-label={t('slash.label')}
      data-testid="slash-menu"
      className="absolute inset-x-0 bottom-full z-20 mb-1.5 max-w-110 rounded-lg border border-line-2 bg-raised p-1 shadow-lift-2"
    >
      {commands.map((command, index) => (
        <li
          key={command.name}
          id={`${id}-${command.name}`}
          role="option"
          aria-selected={index === active}
          onPointerMove={() => onActive(index)}
          // The text keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(command)}
          className={classNames('touch flex h-8 items-center gap-3 rounded-md px-2', index === active && 'bg-selected')}
        >
          <span className="w-20 flex-none font-mono text-[0.9375em] font-medium">/{command.name}</span>
          <span className="min-w-0 flex-1 truncate text-ink-2">{t(`slash.${command.name}`)}</span>
        </li>
      ))}
    </ul>
  );
}
