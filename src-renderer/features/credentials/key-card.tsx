import { Ellipsis, MemoryStick, Route, Tag as TagIcon } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord, EffectiveProxy } from '#contract/records';
import type { CostSum } from '#contract/usage-report';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatCount } from '../../ui/format-money.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { describeKey, type KeyAction } from './describe-key.ts';
import { InFlight } from './in-flight.tsx';
import { KeyTag } from './key-tag.tsx';
import { Countdown, KeyWhy } from './key-why.tsx';
import { spendText } from './spend-text.ts';
import { Stepper } from './stepper.tsx';

export interface KeyCardEvents {
  open: (credentialId: string) => void;
  select: (credentialId: string, selected: boolean) => void;
  step: (credentialId: string, by: 1 | -1) => void;
  act: (credentialId: string, action: KeyAction | 'disable' | 'delete') => void;
  menu: (credentialId: string, anchor: HTMLElement) => void;
}

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
 * A key: how it stands and why, what it does, and the action that fits. Cards out of sight are neither laid out nor
 * painted, and one is drawn again only when its own key has changed.
 */
export const KeyCard = memo(function KeyCard(props: KeyCardProps) {
  const { credential, origin, way, spend, isOpen, isSelected, note, events } = props;
  const { t } = useTranslation();
  const { id, label, group } = credential;
  const now = useNow(credential.rests.length > 0);
  const description = describeKey(credential, origin, now);
  const { look, rest, action } = description;
  const isOff = look === 'disabled';
  return (
    <article
      data-testid="key-card"
      data-key={id}
      aria-label={label}
      aria-current={isOpen ? 'true' : undefined}
      className={classNames(
        'flex flex-col rounded-lg border bg-raised [contain-intrinsic-size:auto_10.5rem] [content-visibility:auto]',
        isOpen ? 'border-ink shadow-[inset_0_0_0_1px_var(--ink)]' : 'border-line-2',
      )}
    >
      <div className="flex items-center gap-2 px-3 pt-2">
        <input
          type="checkbox"
          aria-label={t('credentials.card.select', { label })}
          checked={isSelected}
          onChange={(event) => events.select(id, event.target.checked)}
          className="size-3.5 flex-none accent-(--inverse)"
        />
        <h3 className="min-w-0 flex-1">
          <button
            type="button"
            onClick={() => events.open(id)}
            aria-label={t('credentials.card.open', { label })}
            className={classNames(
              'touch max-w-full truncate rounded-sm text-left align-bottom font-semibold hover:underline',
              isOff && 'text-ink-2',
            )}
          >
            {label}
          </button>
        </h3>
        <KeyTag look={look} />
      </div>
      <div className="flex min-w-0 items-center gap-1.5 px-3 pt-1">
        <code className="flex-none text-xs text-ink-2">{credential.mask}</code>
        <span className="min-w-0 flex-1" />
        {credential.storage === 'memory' && (
          <Chip icon={MemoryStick} title={t('credentials.storage.memory')}>
            {t('credentials.card.memory')}
          </Chip>
        )}
        {group !== null && (
          <Chip icon={TagIcon} title={t('credentials.card.group', { group })}>
            {group}
          </Chip>
        )}
        {way !== undefined && way.source !== 'none' && (
          <Chip icon={Route} title={t(`credentials.proxy.source.${way.source}`, { url: way.url ?? '' })}>
            {t(`credentials.proxy.badge.${way.source}`)}
          </Chip>
        )}
      </div>
      <p data-testid="key-why" className="flex flex-1 items-start gap-2 px-3 pt-1.5 text-xs text-ink-2">
        <span className="min-w-0 flex-1 break-words">
          <KeyWhy credential={credential} description={description} />
        </span>
        {rest !== null && <Countdown untilMs={rest.untilMs} />}
      </p>
      <dl className="mt-1.5 mb-2.5 grid grid-cols-[1.2fr_1fr_1fr_1.1fr] gap-x-2 px-3">
        <Fact name={t('credentials.card.inFlight')}>
          {isOff && credential.inFlight === 0 ? (
            '–'
          ) : (
            <InFlight inFlight={credential.inFlight} limit={credential.maxInFlight} />
          )}
        </Fact>
        <Fact name={t('credentials.card.successes')}>{formatCount(credential.successes)}</Fact>
        <Fact name={t('credentials.card.failures')}>{formatCount(credential.failures)}</Fact>
        <Fact name={t('credentials.card.thisMonth')}>{spendText(spend)}</Fact>
      </dl>
      {note !== undefined && (
        <p className={classNames('px-3 pb-2 text-xs break-words', note.ok ? 'text-ink-2' : 'text-stop-ink')}>
          {note.text}
        </p>
      )}
      <div className="flex min-h-9 flex-wrap items-center gap-x-1 border-t border-line py-0.5 pr-1 pl-3 text-xs text-ink-2">
        {t('credentials.card.priority')}
        <Stepper
          less={t('credentials.card.preferMore', { label })}
          more={t('credentials.card.preferLess', { label })}
          value={String(credential.priority)}
          canLess={credential.priority > 0}
          onStep={(by) => events.step(id, by)}
        />
        <span className="flex-1" />
        {action !== null && (
          <Button
            look="plain"
            className="text-xs"
            aria-label={t(`credentials.do.${action}Of`, { label })}
            onClick={() => events.act(id, action)}
          >
            {t(`credentials.do.${action}`)}
          </Button>
        )}
        {action === 'test' && (
          <Button
            look="plain"
            className="text-xs"
            aria-label={t('credentials.do.disableOf', { label })}
            onClick={() => events.act(id, 'disable')}
          >
            {t('credentials.do.disable')}
          </Button>
        )}
        {isOff && (
          <Button
            look="plain"
            className="text-xs text-stop-ink"
            aria-label={t('credentials.deleteKey', { label })}
            onClick={() => events.act(id, 'delete')}
          >
            {t('credentials.do.delete')}
          </Button>
        )}
        <IconButton
          small
          icon={Ellipsis}
          label={t('credentials.card.more', { label })}
          aria-haspopup="menu"
          onClick={(event) => events.menu(id, event.currentTarget)}
        />
      </div>
    </article>
  );
});

function Chip({ icon, title, children }: { icon: IconType; title: string; children: string }) {
  return (
    <span
      title={title}
      className="inline-flex h-5 min-w-0 items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-2"
    >
      <Icon of={icon} size={12} />
      <span className="truncate">{children}</span>
    </span>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-ink-3">{name}</dt>
      <dd className="num truncate">{children}</dd>
    </div>
  );
}
