import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../ui/is-composing.ts';

interface RenameFieldProps {
  title: string;
  /** `null`: the name stays. `byKey`: the keyboard is to go on from the row. */
  onDone: (title: string | null, byKey: boolean) => void;
}

/** The name of a conversation, written where it stands. Enter and leaving the field keep it, Escape does not. */
export function RenameField({ title, onDone }: RenameFieldProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  const finish = (byKey: boolean) => {
    const next = text.trim();
    onDone(next === '' || next === title ? null : next, byKey);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Enter') finish(true);
    else if (event.key === 'Escape') {
      event.preventDefault();
      onDone(null, true);
    }
  };
  return (
    <input
      autoFocus
      data-testid="rename-field"
      aria-label={t('sessions.renameLabel')}
      value={text}
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={() => finish(false)}
      onKeyDown={onKeyDown}
      className="touch h-7 w-full rounded-md border border-line-control bg-raised px-[7px] font-medium text-ink"
    />
  );
}
