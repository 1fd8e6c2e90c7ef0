import { Ellipsis, MemoryStick, Route, Tag as TagIcon } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CredentialRecord, EffectiveProxy } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatCount } from '../../ui/format-money.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon, type IconType } from '../../ui/icons.tsx';
import type { KeyAction, KeyLook } from './describe-key.ts';
import { InFlight } from './in-flight.tsx';
import { KeyTag } from './key-tag.tsx';
import { Stepper } from './stepper.tsx';

// The parts of a key's card. Each gets only what it shows, so that a rest that moves draws its sentence anew and leaves the
// buttons around it alone: with two hundred keys in trouble, that is most of the work.

export interface KeyCardEvents {
  open: (credentialId: string) => void;
  select: (credentialId: string, selected: boolean) => void;
  step: (credentialId: string, by: 1 | -1) => void;
  act: (credentialId: string, action: KeyAction | 'disable' | 'delete') => void;
  menu: (credentialId: string, anchor: HTMLElement) => void;
}

interface HeadProps {
  id: string;
  label: string;
  look: KeyLook;
  isSelected: boolean;
  events: KeyCardEvents;
}

/** What it is called and how it stands. */
export const CardHead = memo(function CardHead({ id, label, look, isSelected, events }: HeadProps) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-2 px-3 pt-2">
      <input
        type="checkbox"
        data-walk="select"
        aria-label={t('credentials.card.select', { label })}
        checked={isSelected}
        onChange={(event) => events.select(id, event.target.checked)}
        className="size-3.5 flex-none accent-(--inverse)"
      />
      <h3 className="min-w-0 flex-1">
        <button
          type="button"
          data-walk="open"
          onClick={() => events.open(id)}
          aria-label={t('credentials.card.open', { label })}
          className={classNames(
            'touch max-w-full truncate rounded-sm text-left align-bottom font-semibold hover:underline',
            look === 'disabled' && 'text-ink-2',
          )}
        >
          {label}
        </button>
      </h3>
      <KeyTag look={look} />
    </div>
  );
});

interface ChipsProps {
  mask: string;
  group: string | null;
  storage: CredentialRecord['storage'];
  way: EffectiveProxy | undefined;
}

/** What may be shown of the secret, and to what it belongs. */
export const CardChips = memo(function CardChips({ mask, group, storage, way }: ChipsProps) {
  const { t } = useTranslation();
  return (
    <div className="flex min-w-0 items-center gap-1.5 px-3 pt-1">
      <code className="flex-none text-xs text-ink-2">{mask}</code>
      <span className="min-w-0 flex-1" />
      {storage === 'memory' && (
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
  );
});

interface FiguresProps {
  isOff: boolean;
  inFlight: number;
  limit: number;
  successes: number;
  failures: number;
  /** What it cost this month, in words. */
  spend: string;
}

export const CardFigures = memo(function CardFigures(props: FiguresProps) {
  const { isOff, inFlight, limit, successes, failures, spend } = props;
  const { t } = useTranslation();
  return (
    <dl className="mt-1.5 mb-2.5 grid grid-cols-[1.2fr_1fr_1fr_1.1fr] gap-x-2 px-3">
      <Fact name={t('credentials.card.inFlight')}>
        {isOff && inFlight === 0 ? '–' : <InFlight inFlight={inFlight} limit={limit} />}
      </Fact>
      <Fact name={t('credentials.card.successes')}>{formatCount(successes)}</Fact>
      <Fact name={t('credentials.card.failures')}>{formatCount(failures)}</Fact>
      <Fact name={t('credentials.card.thisMonth')}>{spend}</Fact>
    </dl>
  );
});

interface FootProps {
  id: string;
  label: string;
  priority: number;
  action: KeyAction | null;
  isOff: boolean;
  events: KeyCardEvents;
}

/** What can be done with it. */
export const CardFoot = memo(function CardFoot({ id, label, priority, action, isOff, events }: FootProps) {
  const { t } = useTranslation();
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-1 border-t border-line py-0.5 pr-1 pl-3 text-xs text-ink-2">
      {t('credentials.card.priority')}
      <Stepper
        less={t('credentials.card.preferMore', { label })}
        more={t('credentials.card.preferLess', { label })}
        value={String(priority)}
        canLess={priority > 0}
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

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-ink-3">{name}</dt>
      <dd className="num truncate">{children}</dd>
    </div>
  );
}
