import { memo } from 'react';
import type { CredentialRecord, EffectiveProxy } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { classNames } from '../../ui/class-names.ts';
import { useLastPast } from '../../ui/use-now.ts';
import { describeKey, restEnds } from './describe-key.ts';
import { CardChips, CardFigures, CardFoot, CardHead, type KeyCardEvents } from './key-card-parts.tsx';
import { Countdown, KeyWhy } from './key-why.tsx';
import { spendText } from './spend-text.ts';

interface KeyCardProps {
  credential: CredentialRecord;
  /** Where its provider is now; null where it has no address. */
  origin: string | null;
  way: EffectiveProxy | undefined;
  /** Null while it is not known; absent for none. */
  spend: CostSum | null | undefined;
  isOpen: boolean;
  isSelected: boolean;
  /** What the last thing that was done to it came to. */
  note: { ok: boolean; text: string } | undefined;
  /** The same object for as long as the page is open. */
  events: KeyCardEvents;
}

/**
 * A key: how it stands and why, what it does, and the action that fits. It is drawn again only when its own key has
 * changed.
 */
export const KeyCard = memo(function KeyCard(props: KeyCardProps) {
  const { credential, origin, way, spend, isOpen, isSelected, note, events } = props;
  const { id, label } = credential;
  const pastMs = useLastPast(restEnds(credential));
  const description = describeKey(credential, origin, pastMs);
  const { look, rest, action } = description;
  const isOff = look === 'disabled';
  return (
    <article
      data-testid="key-card"
      data-key={id}
      aria-label={label}
      aria-current={isOpen ? 'true' : undefined}
      className={classNames(
        // Above it, the bar for selected keys may stand.
        'flex scroll-mt-16 scroll-mb-3 flex-col rounded-lg border bg-raised',
        isOpen ? 'border-ink shadow-[inset_0_0_0_1px_var(--ink)]' : 'border-line-2',
      )}
    >
      <CardHead id={id} label={label} look={look} isSelected={isSelected} events={events} />
      <CardChips mask={credential.mask} group={credential.group} storage={credential.storage} way={way} />
      <p data-testid="key-why" className="flex flex-1 items-start gap-2 px-3 pt-1.5 text-xs text-ink-2">
        <span className="min-w-0 flex-1 break-words">
          <KeyWhy credential={credential} description={description} />
        </span>
        {rest !== null && <Countdown untilMs={rest.untilMs} />}
      </p>
      <CardFigures
        isOff={isOff}
        inFlight={credential.inFlight}
        limit={credential.maxInFlight}
        successes={credential.successes}
        failures={credential.failures}
        spend={spendText(spend)}
      />
      {note !== undefined && (
        <p className={classNames('px-3 pb-2 text-xs break-words', note.ok ? 'text-ink-2' : 'text-stop-ink')}>
          {note.text}
        </p>
      )}
      <CardFoot id={id} label={label} priority={credential.priority} action={action} isOff={isOff} events={events} />
    </article>
  );
});
