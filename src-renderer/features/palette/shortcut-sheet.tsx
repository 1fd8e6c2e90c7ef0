import { RotateCcw, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  areBindable,
  areKeptAway,
  COMMAND_IDS,
  COMMANDS,
  type CommandId,
  commandOfKeys,
  FIXED_KEYS,
  fixedKeysOf,
  keysOf,
  type ShortcutChoices,
} from '#contract/commands';
import { keyCaps, readKeys } from '../../commands/read-keys.ts';
import { IS_MAC, SHORTCUT_PLACE } from '../../commands/use-shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { KeyCaps } from '../../ui/key-caps.tsx';

interface ShortcutSheetProps {
  chosen: ShortcutChoices;
  onChange: (chosen: ShortcutChoices) => void;
  onClose: () => void;
}

const GROUPS = ['conversation', 'queue', 'go', 'view'] as const;

/** Keys that were pressed for a command, and what stands in their way. */
interface Wish {
  id: CommandId;
  keys: string | null;
  problem: 'unbindable' | 'ofBrowser' | 'taken' | null;
}

/** Every command with its keys. A press of the keys binds them anew; keys that another command has are never taken in silence. */
export function ShortcutSheet({ chosen, onChange, onClose }: ShortcutSheetProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const closing = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [wish, setWish] = useState<Wish | null>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const bind = (command: CommandId, keys: string | null) => {
    const holder = keys === null ? null : commandOfKeys(keys, chosen, SHORTCUT_PLACE, command);
    onChange({ ...chosen, ...(holder === null ? {} : { [holder]: null }), [command]: keys });
    setWish(null);
  };
  const reset = (command: CommandId) => {
    const { [command]: _own, ...others } = chosen;
    const keys = keysOf(command, others, SHORTCUT_PLACE);
    const holder = keys === null ? null : commandOfKeys(keys, others, SHORTCUT_PLACE, command);
    onChange(holder === null ? others : { ...others, [holder]: null });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (wish === null) return;
    if (event.key === 'Tab') return;
    event.preventDefault();
    if (event.key === 'Escape') {
      setWish(null);
      return;
    }
    const keys = readKeys(event, IS_MAC);
    if (keys === null) return;
    if (!areBindable(keys)) setWish({ id: wish.id, keys, problem: 'unbindable' });
    else if (areKeptAway(keys, SHORTCUT_PLACE)) setWish({ id: wish.id, keys, problem: 'ofBrowser' });
    else if (commandOfKeys(keys, chosen, SHORTCUT_PLACE, wish.id) !== null)
      setWish({ id: wish.id, keys, problem: 'taken' });
    else bind(wish.id, keys);
  };

  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      data-testid="shortcuts"
      onClose={onClose}
      onCancel={(event) => {
        // The first Escape ends what is being bound.
        if (wish !== null) event.preventDefault();
      }}
      onKeyDown={onKeyDown}
      className="no-drag thin-scroll m-auto max-h-[calc(100vh-3rem)] w-[min(40rem,calc(100vw-2rem))] max-w-none overflow-auto rounded-xl border border-line-2 bg-raised p-0 text-ink shadow-lift-3"
    >
      <header className="sticky top-0 z-1 flex items-center gap-2 border-b border-line bg-raised py-2.5 pr-3 pl-5">
        <h2 id={`${id}-title`} className="min-w-0 flex-1 text-lg">
          {t('command.showShortcuts')}
        </h2>
        {Object.keys(chosen).length > 0 && (
          <Button
            look="plain"
            icon={RotateCcw}
            onClick={() => {
              onChange({});
              closing.current?.focus();
            }}
          >
            {t('shortcuts.resetAll')}
          </Button>
        )}
        <IconButton ref={closing} icon={X} label={t('shortcuts.close')} onClick={onClose} />
      </header>
      <div className="grid gap-4 px-5 pt-3 pb-5">
        {GROUPS.map((group) => (
          <section key={group} aria-label={t(`palette.${group}`)}>
            <h3 className="mb-1 text-xs font-medium text-ink-3">{t(`palette.${group}`)}</h3>
            <ul className="divide-y divide-line">
              {COMMAND_IDS.filter((each) => COMMANDS[each].group === group).map((each) => (
                <ShortcutRow
                  key={each}
                  command={each}
                  keys={keysOf(each, chosen, SHORTCUT_PLACE)}
                  isOwn={chosen[each] !== undefined}
                  wish={wish?.id === each ? wish : null}
                  holder={wish?.keys == null ? null : commandOfKeys(wish.keys, chosen, SHORTCUT_PLACE, each)}
                  onWish={() => setWish({ id: each, keys: null, problem: null })}
                  onBind={(keys) => bind(each, keys)}
                  onReset={() => reset(each)}
                  onCancel={() => setWish(null)}
                />
              ))}
            </ul>
          </section>
        ))}
        <section aria-label={t('shortcuts.fixedTitle')}>
          <h3 className="mb-1 text-xs font-medium text-ink-3">{t('shortcuts.fixedTitle')}</h3>
          <ul className="divide-y divide-line">
            {FIXED_KEYS.map((fixed) => (
              <li key={fixed.id} className="flex min-h-8 items-center gap-3 py-1">
                <span className="min-w-0 flex-1">{t(`shortcuts.fixed.${fixed.id}`)}</span>
                <KeyCaps caps={keyCaps(fixedKeysOf(fixed, IS_MAC), IS_MAC)} />
              </li>
            ))}
          </ul>
        </section>
      </div>
    </dialog>
  );
}

interface ShortcutRowProps {
  command: CommandId;
  keys: string | null;
  isOwn: boolean;
  wish: Wish | null;
  /** The command that has the wished keys. */
  holder: CommandId | null;
  onWish: () => void;
  onBind: (keys: string | null) => void;
  onReset: () => void;
  onCancel: () => void;
}

function ShortcutRow(props: ShortcutRowProps) {
  const { command, keys, isOwn, wish, holder, onWish, onBind, onReset, onCancel } = props;
  const { t } = useTranslation();
  const name = t(`command.${command}`);
  const [mod = '', ctrl = '', alt = ''] = keyCaps('Mod+Ctrl+Alt+A', IS_MAC);
  /** The last button of the row, whatever it says: the keyboard goes there when the one that was pressed goes away. */
  const last = useRef<HTMLButtonElement>(null);
  const thenBack = (act: () => void) => () => {
    act();
    last.current?.focus();
  };
  return (
    <li data-testid={`shortcut-${command}`} className="py-1">
      <div className="flex min-h-7 items-center gap-2">
        <span className="min-w-0 flex-1">{name}</span>
        {wish === null ? (
          <>
            {keys === null ? <span className="text-xs text-ink-3">{t('shortcuts.none')}</span> : null}
            <KeyCaps caps={keys === null ? [] : keyCaps(keys, IS_MAC)} />
            {isOwn && (
              <IconButton small icon={RotateCcw} label={t('shortcuts.resetOf', { name })} onClick={thenBack(onReset)} />
            )}
            <Button ref={last} look="plain" onClick={onWish} aria-label={t('shortcuts.changeOf', { name })}>
              {t('shortcuts.change')}
            </Button>
          </>
        ) : (
          <>
            <span role="status" className="text-xs font-medium text-ink">
              {wish.keys === null ? t('shortcuts.press') : null}
            </span>
            <KeyCaps caps={wish.keys === null ? [] : keyCaps(wish.keys, IS_MAC)} />
            {keys !== null && (
              <Button look="plain" onClick={thenBack(() => onBind(null))}>
                {t('shortcuts.unbind')}
              </Button>
            )}
            <Button ref={last} look="plain" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
          </>
        )}
      </div>
      {(wish?.problem === 'unbindable' || wish?.problem === 'ofBrowser') && (
        <p role="alert" className="text-xs text-stop-ink">
          {t(`shortcuts.${wish.problem}`, { mod, alt, ctrl })}
        </p>
      )}
      {wish?.problem === 'taken' && holder !== null && (
        <p role="alert" className="flex items-center gap-2 text-xs text-stop-ink">
          <span className="min-w-0 flex-1">{t('shortcuts.taken', { name: t(`command.${holder}`) })}</span>
          <Button onClick={thenBack(() => onBind(wish.keys))}>{t('shortcuts.takeOver')}</Button>
        </p>
      )}
    </li>
  );
}
