import { useTranslation } from 'react-i18next';
import type { FileReason, MessageFit } from '#contract/message-fit';
import type { ProfileRecord } from '#contract/records';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { type DraftFile, filesOf, useAttachmentStore } from './attachment-store.ts';
import { useFit } from './use-fit.ts';

interface FitNoteProps {
  sessionId: string;
  profiles: readonly ProfileRecord[];
  defaultProfile: string;
  onOtherModel: () => void;
  onSettings: () => void;
}

/** Another model may take what this one does not. */
const ANOTHER_MODEL: readonly FileReason[] = ['no_vision', 'demo'];

/** Says beside who answers, before a message is sent, what of it and of the conversation's settings will not go out as it is. */
export function FitNote({ sessionId, profiles, defaultProfile, onOtherModel, onSettings }: FitNoteProps) {
  const { t } = useTranslation();
  const fit = useFit(sessionId, profiles, defaultProfile);
  const files = useAttachmentStore((state) => filesOf(state.files, sessionId));
  const items = fit === null ? [] : itemsOf(fit, files);
  if (fit === null || items.length === 0) return null;
  const label = t('fit.label', { count: items.length });
  const wantsModel = fit.parameters.length > 0 || fit.files.some(({ reason }) => ANOTHER_MODEL.includes(reason));
  const word = (item: Item) => {
    if (item.kind === 'file') return t(`fit.files.${item.reason}`, { model: fit.model ?? '' });
    return t(item.reason === 'scale' ? 'fit.scale' : `parameters.reasons.${item.reason}`);
  };
  return (
    <>
      <span role="status" className="sr-only">
        {label}
      </span>
      <Popover
        kind="dialog"
        label={label}
        side="above"
        className="w-80"
        trigger={(props) => (
          <button
            type="button"
            {...props}
            data-testid="fit-note"
            className="touch h-7 flex-none truncate rounded-md px-1.5 text-xs text-wait-ink underline decoration-dotted underline-offset-3 hover:bg-hover"
          >
            {label}
          </button>
        )}
      >
        {(close) => (
          <div className="grid gap-3">
            <dl className="grid gap-2 text-sm whitespace-normal text-ink">
              {items.map((item) => (
                <div key={item.key}>
                  <dt className="font-medium wrap-anywhere">
                    {item.kind === 'file' ? item.name : t(`parameters.${item.name}`)}
                  </dt>
                  <dd className="text-ink-2">{word(item)}</dd>
                </div>
              ))}
            </dl>
            {(wantsModel || fit.parameters.length > 0) && (
              <div className="flex flex-wrap gap-1.5">
                {wantsModel && (
                  <Button
                    data-testid="fit-other-model"
                    onClick={() => {
                      close();
                      onOtherModel();
                    }}
                  >
                    {t('fit.otherModel')}
                  </Button>
                )}
                {fit.parameters.length > 0 && (
                  <Button
                    look="plain"
                    data-testid="fit-settings"
                    onClick={() => {
                      close();
                      onSettings();
                    }}
                  >
                    {t('fit.settings')}
                  </Button>
                )}
              </div>
            )}
          </div>
        )}
      </Popover>
    </>
  );
}

type Item =
  | { kind: 'file'; key: string; name: string; reason: FileReason }
  | ({ kind: 'parameter'; key: string } & MessageFit['parameters'][number]);

/** Only what is there still: a file that was taken off is not told of until the next answer. */
function itemsOf(fit: MessageFit, files: readonly DraftFile[]): Item[] {
  return [
    ...files.flatMap((file): Item[] => {
      if (file.state.kind !== 'ready') return [];
      const { path } = file.state.record;
      const left = fit.files.find((each) => each.path === path);
      return left === undefined ? [] : [{ kind: 'file', key: file.key, name: file.name, reason: left.reason }];
    }),
    ...fit.parameters.map((left): Item => ({ kind: 'parameter', key: left.name, ...left })),
  ];
}
