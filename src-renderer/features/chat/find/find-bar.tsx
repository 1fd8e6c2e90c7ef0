import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fixedKeyText } from '../../../commands/use-shortcuts.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { isComposing } from '../../../ui/is-composing.ts';
import { useFindStore } from './find-store.ts';

/** Words to look for in the open conversation, how often they are there, and the way from one to the next. */
export function FindBar({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { query, matches, at, searching, ask } = useFindStore();
  const field = useRef<HTMLInputElement>(null);
  const count = matches.length;
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const step = (by: 1 | -1) => {
    if (count > 0) useFindStore.setState({ at: (at + by + count) % count });
  };
  const close = () => {
    useFindStore.getState().close();
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && event.target === field.current) step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const figure = { at: at + 1, count };
  const said =
    query.trim() === ''
      ? ''
      : count > 0
        ? t(searching ? 'find.soFar' : 'find.count', figure)
        : t(searching ? 'find.searching' : 'find.none');

  return (
    <search
      data-testid="find-bar"
      aria-label={t('find.label')}
      onKeyDown={onKeyDown}
      className="absolute top-2 right-4 z-20 flex max-w-[calc(100%-2rem)] items-center gap-0.5 rounded-lg border border-line-control bg-raised py-1 pr-1 pl-2.5 shadow-lift-2 has-[input:focus]:border-focus"
    >
      <input
        ref={field}
        type="text"
        data-testid="find-input"
        aria-label={t('find.label')}
        placeholder={t('find.placeholder')}
        value={query}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => ask(event.target.value)}
        className="h-7 w-52 min-w-0 bg-transparent text-sm outline-none"
      />
      <p
        role="status"
        data-testid="find-count"
        className="num min-w-16 px-1.5 text-right text-xs whitespace-nowrap text-ink-2"
      >
        {said}
      </p>
      <IconButton
        icon={ChevronUp}
        label={t('find.previous')}
        shortcut={fixedKeyText('newLine')}
        onClick={() => step(-1)}
      />
      <IconButton icon={ChevronDown} label={t('find.next')} shortcut={fixedKeyText('send')} onClick={() => step(1)} />
      <IconButton icon={X} label={t('find.close')} shortcut={fixedKeyText('stop')} onClick={close} />
    </search>
  );
}
