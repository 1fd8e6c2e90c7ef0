import { ArrowUp, ChevronUp, CornerDownRight, CornerUpRight, ListPlus, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MenuItem } from '../../ui/menu-item.tsx';
import { Popover } from '../../ui/popover.tsx';
import type { ComposerButton, ComposerState } from './composer-state.ts';

interface ComposerButtonsProps {
  state: ComposerState;
  /** Nothing is written, or another view of this page already has its one filled button. */
  quiet: boolean;
  /** The running answer takes messages. */
  canSteer: boolean;
  onAct: (button: ComposerButton) => void;
}

/** The buttons of the composer. Their order never changes, so that a habit never hits the wrong one. */
export function ComposerButtons({ state, quiet, canSteer, onAct }: ComposerButtonsProps) {
  const { t } = useTranslation();
  if (state.mode === 'idle') {
    return (
      <Button
        data-testid="send"
        look={quiet ? 'edge' : 'go'}
        icon={ArrowUp}
        title={fixedKeyText('send')}
        onClick={() => onAct('send')}
      >
        {t('composer.send')}
      </Button>
    );
  }
  return (
    <>
      <Button
        data-testid="stop"
        icon={Square}
        title={fixedKeyText('stop')}
        aria-disabled={state.stopping}
        className={state.stopping ? 'border-dashed text-ink-2' : undefined}
        onClick={() => onAct('stop')}
      >
        {state.stopping ? t('composer.stopping') : t('composer.stop')}
      </Button>
      <Button
        data-testid="interrupt"
        icon={CornerUpRight}
        shrinks
        title={fixedKeyText('interrupt')}
        aria-label={t('composer.interrupt')}
        onClick={() => onAct('interrupt')}
      >
        {t('composer.interrupt')}
      </Button>
      <span className="inline-flex">
        <Button
          data-testid="queue"
          look="hold"
          icon={ListPlus}
          title={fixedKeyText('send')}
          className={canSteer ? 'rounded-r-none' : undefined}
          onClick={() => onAct('queue')}
        >
          {t('composer.queue')}
        </Button>
        {canSteer && (
          <Popover
            kind="menu"
            label={t('composer.more')}
            side="above"
            align="end"
            trigger={(props) => (
              <button
                type="button"
                {...props}
                data-testid="send-menu"
                aria-label={t('composer.more')}
                title={t('composer.more')}
                className="touch-square -ml-px inline-grid h-7 w-6.5 flex-none place-items-center rounded-r-md border border-accent bg-raised text-accent-ink hover:bg-hover"
              >
                <Icon of={ChevronUp} size={14} />
              </button>
            )}
          >
            {(close) => (
              <MenuItem
                data-testid="steer"
                icon={CornerDownRight}
                onClick={() => {
                  close();
                  onAct('steer');
                }}
              >
                {t('composer.steer')}
              </MenuItem>
            )}
          </Popover>
        )}
      </span>
    </>
  );
}
