import { Check, ChevronRight, OctagonX, Unplug } from 'lucide-react';
import { memo, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiCallRecord } from '#contract/programs';
import { classNames } from '../../ui/class-names.ts';
import { formatClockTime } from '../../ui/format.ts';
import { FlowIcon, Icon } from '../../ui/icons.tsx';
import { Tag } from '../../ui/tag.tsx';
import { CallParticulars } from './call-particulars.tsx';
import { callCostText, clientText, outcomeText, spanText, tokensText } from './call-words.ts';

const OUTCOMES = {
  running: { look: 'flow', icon: FlowIcon },
  completed: { look: 'quiet', icon: Check },
  failed: { look: 'stop', icon: OctagonX },
  stopped: { look: 'quiet', icon: Unplug },
} as const;

const CELL = 'border-b border-line px-2 py-1 align-middle';
/** Columns that leave first where there is little room: what opens below the row has them all. */
export const LATER = 'max-full:hidden';
export const LAST = 'max-wide:hidden';
export const COLUMNS = 10;

interface CallRowProps {
  call: ApiCallRecord;
  open: boolean;
  onToggle: (id: string) => void;
}

/** One call. It is drawn anew only when its record changed. */
export const CallRow = memo(function CallRow({ call, open, onToggle }: CallRowProps) {
  const id = useId();
  // Its words come from functions: this draws it anew in another language.
  useTranslation();
  const { look, icon } = OUTCOMES[call.outcome];
  const isOver = call.outcome !== 'running';
  return (
    <>
      <tr data-testid="call-row" data-outcome={call.outcome} className="group relative hover:bg-hover">
        <th scope="row" className={classNames(CELL, 'num text-left font-normal whitespace-nowrap')}>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            onClick={() => onToggle(call.id)}
            className="touch inline-flex h-6 items-center gap-1 rounded-md after:absolute after:inset-0"
          >
            <Icon of={ChevronRight} size={12} className={classNames('text-ink-3', open && 'rotate-90')} />
            <time dateTime={new Date(call.startedAtMs).toISOString()}>{formatClockTime(call.startedAtMs)}</time>
          </button>
        </th>
        <td className={classNames(CELL, 'max-w-40 truncate')}>{clientText(call.client)}</td>
        <td className={classNames(CELL, LATER, 'max-w-52 truncate')}>
          <code className="text-xs">{call.path}</code>
        </td>
        <td className={classNames(CELL, 'max-w-48 truncate max-word:hidden')}>
          {call.model === null ? '–' : <code className="text-xs">{call.model}</code>}
        </td>
        <td className={classNames(CELL, LAST, 'max-w-36 truncate')}>{call.credential ?? '–'}</td>
        <td className={CELL}>
          <Tag look={look} icon={icon}>
            {outcomeText(call)}
          </Tag>
        </td>
        <td className={classNames(CELL, 'num text-right whitespace-nowrap max-word:hidden')}>
          {spanText(call.durationMs, isOver)}
        </td>
        <td className={classNames(CELL, LAST, 'num text-right whitespace-nowrap')}>
          {tokensText(call.inputTokens, call)}
        </td>
        <td className={classNames(CELL, LAST, 'num text-right whitespace-nowrap')}>
          {tokensText(call.outputTokens, call)}
        </td>
        <td className={classNames(CELL, 'num pr-3 text-right whitespace-nowrap')}>{callCostText(call)}</td>
      </tr>
      {open && (
        <tr id={id} data-testid="call-details">
          <td colSpan={COLUMNS} className="border-b border-line bg-sunken px-4 py-3">
            <CallParticulars call={call} />
          </td>
        </tr>
      )}
    </>
  );
});
