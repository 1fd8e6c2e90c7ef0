import type { TFunction } from 'i18next';
import { GitBranch } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '#contract/message';
import type { RunRecord } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { classNames } from '../../ui/class-names.ts';
import { briefCost } from '../../ui/cost-text.ts';
import { formatDuration, formatTokens } from '../../ui/format.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { CopyAnswer } from './copy-answer.tsx';
import { LeftOut } from './left-out.tsx';
import { PinButton } from './pin-button.tsx';
import { QuoteButton } from './quote-button.tsx';
import { RegenerateMenu } from './regenerate-menu.tsx';
import { useTurnPlace } from './turn-actions.ts';
import { useRunCost } from './use-run-cost.ts';
import { VoteButtons } from './vote-buttons.tsx';

interface AnswerFooterProps {
  run: RunRecord | null;
  text: string;
  /** The newest row: where a fork parts. */
  lastMessageId: string | null;
  /** The newest row with words: what can be pinned. */
  said: Message | null;
  /** The facts of the last answer stand there; those of others show on hover and focus. */
  last: boolean;
}

/** Who answered, how much went in and out, what it cost, how long it took. Unknown figures are left out, not guessed. */
export function AnswerFooter({ run, text, lastMessageId, said, last }: AnswerFooterProps) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  const cost = useRunCost(run);
  const facts = run === null ? [] : factsOf(run, cost, t);
  return (
    <footer
      className={classNames(
        'num -mx-1.5 mt-0.5 flex h-7 items-center gap-0.5 text-xs whitespace-nowrap text-ink-3',
        // Unseen, it stands in the space before the next message, so that the answers keep their rhythm.
        !last &&
          '-mb-5 opacity-0 pointer-coarse:mb-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100',
      )}
    >
      {/* A fact that does not fit goes to a line that is not seen: half a figure says nothing. */}
      <div className="@container min-w-0 flex-1">
        <p className="flex h-7 flex-wrap gap-x-1.5 overflow-hidden pl-1.5 leading-7 @max-[4rem]:hidden">
          {facts.map((fact, index) => (
            <span
              key={fact.name}
              data-fact={fact.name}
              className={classNames('max-w-full truncate', fact.secondary && 'hidden @xs:inline')}
            >
              {index > 0 && (
                <span aria-hidden="true" className="mr-1.5">
                  ·
                </span>
              )}
              {fact.text}
            </span>
          ))}
        </p>
      </div>
      {run?.parameters != null && <LeftOut leftOut={run.parameters.leftOut} />}
      {run !== null && text !== '' && <VoteButtons runId={run.id} />}
      {text !== '' && <CopyAnswer text={text} />}
      {text !== '' && <QuoteButton text={text} />}
      {last && run !== null && <RegenerateMenu run={run} />}
      {said !== null && <PinButton message={said} />}
      {lastMessageId !== null && (
        <IconButton
          small
          data-testid="fork"
          icon={GitBranch}
          label={t('chat.fork')}
          onClick={() => actions.fork(lastMessageId)}
        />
      )}
    </footer>
  );
}

interface Fact {
  name: string;
  text: string;
  secondary?: boolean;
}

function factsOf(run: RunRecord, cost: CostSum | null, t: TFunction): Fact[] {
  const facts: Fact[] = [{ name: 'model', text: run.model ?? run.profile }];
  const { usage } = run;
  if (usage !== null && usage.input_tokens !== null) {
    const cached = usage.cache_read_tokens ?? 0;
    facts.push({
      name: 'in',
      secondary: true,
      text:
        cached > 0
          ? t('facts.inCached', { tokens: formatTokens(usage.input_tokens), cached: formatTokens(cached) })
          : t('facts.in', { tokens: formatTokens(usage.input_tokens) }),
    });
  }
  if (usage !== null && usage.output_tokens !== null) {
    facts.push({ name: 'out', secondary: true, text: t('facts.out', { tokens: formatTokens(usage.output_tokens) }) });
  }
  const spent = cost === null ? null : briefCost(cost);
  if (spent !== null) facts.push({ name: 'cost', text: spent });
  if (run.endedAtMs !== null) {
    const tookMs = run.endedAtMs - (run.startedAtMs ?? run.createdAtMs);
    facts.push({ name: 'time', text: formatDuration(tookMs, true) });
  }
  const { temperature, reasoningEffort } = run.parameters?.sent ?? {};
  if (temperature !== undefined)
    facts.push({ name: 'temperature', secondary: true, text: t('facts.temperature', { temperature }) });
  if (reasoningEffort !== undefined)
    facts.push({ name: 'effort', secondary: true, text: t(`facts.efforts.${reasoningEffort}`) });
  return facts;
}
