import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calledAddress } from '#contract/base-url';
import type { AppError } from '#contract/errors';
import type { ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Another address for a provider. Its keys do not go there before they are confirmed for it. */
export function EditAddress({
  profile,
  onDone,
  onCancel,
}: {
  profile: ProfileRecord;
  onDone: () => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const { api } = useCore();
  const [address, setAddress] = useState(profile.baseUrl);
  const [problem, setProblem] = useState<AppError | null>(null);
  const called = calledAddress(profile.kind, address);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await api.request('profiles.update', { profileId: profile.id, baseUrl: address });
    if (answer.ok) onDone();
    else setProblem(answer.error);
  };
  return (
    <form onSubmit={(event) => void save(event)} className="grid gap-2 p-3">
      <TextField
        autoFocus
        required
        mono
        label={t('credentials.address')}
        hint={
          called === null
            ? t('credentials.editAddress.hint')
            : `${t('credentials.willCall', { url: called })} ${t('credentials.editAddress.hint')}`
        }
        value={address}
        problem={problem?.message}
        data-testid="edit-address"
        onChange={(event) => setAddress(event.target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit">{t('credentials.editAddress.save')}</Button>
        <Button look="plain" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  );
}
