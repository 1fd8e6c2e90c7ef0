import { Check, ChevronRight, OctagonX, Square, Wrench } from 'lucide-react';
import { memo, type SyntheticEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, ToolState } from '#contract/message';
import { classNames } from '../../ui/class-names.ts';
import { formatDuration } from '../../ui/format.ts';
import { formatCount } from '../../ui/format-money.ts';
import { FlowIcon, Icon, type IconType } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useFoldStore } from './fold-store.ts';

const STATES: Record<ToolState, { icon: IconType; ink: string }> = {
  running: { icon: FlowIcon, ink: 'text-accent-ink' },
  done: { icon: Check, ink: 'text-ink-3' },
  error: { icon: OctagonX, ink: 'text-stop-ink' },
  aborted: { icon: Square, ink: 'text-ink-3' },
};
/** More than this waits behind a button: lines, or characters of lines that have no end. */
const SHOWN_LINES = 40;
const SHOWN_CHARS = 4000;

/** One tool call: what was called, with what, how it stands. Open: what went in and what came out. */
export const ToolRow = memo(function ToolRow({ row }: { row: Message }) {
  const { t } = useTranslation();
  const open = useFoldStore((store) => store.open[row.id] ?? false);
  const setOpen = useFoldStore((store) => store.setOpen);
  const state = row.tool_state ?? 'done';
  const running = state === 'running';
  const now = useNow(running);
  const look = STATES[state];
  const bare = !running && row.content === '' && (row.tool_arguments ?? '') === '';
  const tookMs = running ? now - row.created_at_ms : row.tool_duration === null ? null : row.tool_duration * 1000;
  return (
    <details
      className="station mb-0.5"
      data-testid="tool-row"
      data-state={state}
      data-live={running}
      data-failed={state === 'error'}
      open={open}
      onToggle={(event: SyntheticEvent<HTMLDetailsElement>) => setOpen(row.id, event.currentTarget.open)}
    >
      <summary className="touch -mx-2 flex h-7 items-center gap-2 rounded-md px-2 whitespace-nowrap text-ink-2 hover:bg-hover">
        <Icon of={Wrench} />
        <span className="max-w-1/2 flex-none truncate font-mono text-[0.9375em] font-medium text-ink">
          {row.tool_name ?? t('tool.unnamed')}
        </span>
        {bare && row.tool_preview === null ? (
          <span className="min-w-0 flex-1 truncate text-xs text-ink-3">{t('tool.bare')}</span>
        ) : (
          <span className="min-w-0 flex-1 truncate font-mono text-[0.9375em] text-ink-3">{row.tool_preview}</span>
        )}
        <span className={classNames('num inline-flex flex-none items-center gap-1 text-xs', look.ink)}>
          <Icon of={look.icon} size={13} />
          {t(`tool.${state}`)}
          {tookMs !== null && ` ${formatDuration(tookMs, !running)}`}
        </span>
        <Icon of={ChevronRight} size={14} className="chevron text-ink-3" />
      </summary>
      <div className="mt-1 mb-2 overflow-hidden rounded-md border border-line bg-sunken">
        <Part name={t('tool.arguments')} text={row.tool_arguments ?? ''} />
        <Part name={t('tool.output')} text={running ? '' : row.content} waiting={running} />
      </div>
    </details>
  );
});

function Part({ name, text, waiting = false }: { name: string; text: string; waiting?: boolean }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const lines = useMemo(() => text.split('\n'), [text]);
  const first = lines.slice(0, SHOWN_LINES).join('\n').slice(0, SHOWN_CHARS);
  const cut = !whole && first.length < text.length;
  return (
    <div className="grid grid-cols-[5.25rem_minmax(0,1fr)] not-first:border-t not-first:border-line max-word:grid-cols-1">
      <span className="py-1.5 pl-2.5 text-xs text-ink-3 max-word:pb-0">{name}</span>
      {text === '' ? (
        <p className="px-2.5 py-1.5 text-xs text-ink-3">{waiting ? t('tool.notYet') : t('tool.notProvided')}</p>
      ) : (
        <div className="px-2.5 py-1.5 text-xs">
          <pre className="wrap-anywhere whitespace-pre-wrap">{cut ? first : text}</pre>
          {cut && (
            <button type="button" onClick={() => setWhole(true)} className="mt-1 underline underline-offset-2">
              {lines.length > SHOWN_LINES
                ? t('tool.showAll', { count: lines.length, lines: formatCount(lines.length) })
                : t('tool.showChars', { chars: formatCount(text.length) })}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
