import { Check, ChevronDown, Copy, TextInitial } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MenuItem } from '../../ui/menu-item.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useCopy } from '../../ui/use-copy.ts';

/** Copies an answer as it was written, in Markdown; beside it a menu has it without marks. */
export function CopyAnswer({ text }: { text: string }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const copyPlain = async () => {
    const { readableText } = await import('./markdown/readable-text.ts');
    copy(readableText(text));
  };
  return (
    <>
      <IconButton
        small
        icon={state === 'copied' ? Check : Copy}
        label={t(state === 'idle' ? 'action.copyAnswer' : `action.${state}`)}
        onClick={() => copy(text)}
      />
      <Popover
        kind="menu"
        label={t('action.copyAs')}
        side="above"
        align="end"
        className="min-w-48"
        trigger={(props) => (
          <button
            type="button"
            {...props}
            data-testid="copy-as"
            aria-label={t('action.copyAs')}
            title={t('action.copyAs')}
            className="touch-square inline-grid h-6 w-6 flex-none place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Icon of={ChevronDown} size={12} />
          </button>
        )}
      >
        {(close) => (
          <>
            <MenuItem
              icon={TextInitial}
              onClick={() => {
                close();
                void copyPlain();
              }}
            >
              {t('action.copyPlain')}
            </MenuItem>
            <MenuItem
              icon={Copy}
              onClick={() => {
                close();
                copy(text);
              }}
            >
              {t('action.copyMarkdown')}
            </MenuItem>
          </>
        )}
      </Popover>
    </>
  );
}
