import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { CredentialRecord, CredentialResult } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { useCredentialsStore } from './credentials-store.ts';

/** What can be done to several keys at once. */
export const BATCH_TASKS = ['test', 'enable', 'disable', 'reset', 'renew', 'delete'] as const;
export type BatchTask = (typeof BATCH_TASKS)[number];

export interface KeyNote {
  ok: boolean;
  text: string;
}

export interface KeyActions {
  /** What the last thing that was done to a key came to, by the key's id. */
  notes: Readonly<Record<string, KeyNote>>;
  /** What is being done to several keys now; null otherwise. */
  busy: BatchTask | null;
  /** Does the same to several keys; each gets a note of its own. Never rejects. */
  run: (task: BatchTask, credentialIds: readonly string[]) => Promise<Record<string, KeyNote>>;
  /** One step of priority. Steps follow each other, so that quick ones all count. */
  step: (credentialId: string, by: 1 | -1) => void;
  forget: () => void;
}

/** What is done to keys, with a result for each. */
export function useKeyActions(): KeyActions {
  const { t } = useTranslation();
  const { api } = useCore();
  const [notes, setNotes] = useState<Readonly<Record<string, KeyNote>>>({});
  const [busy, setBusy] = useState<BatchTask | null>(null);
  const steps = useRef(new Map<string, Promise<void>>());

  const run = useCallback(
    async (task: BatchTask, credentialIds: readonly string[]) => {
      const ids = [...credentialIds];
      const told: Record<string, KeyNote> = {};
      if (ids.length === 0) return told;
      const said = (credential: CredentialRecord | null, models?: number): KeyNote => ({
        ok: true,
        text:
          task === 'test' && models !== undefined
            ? t('credentials.done.test', { count: models })
            : t(`credentials.done.${task}`, { label: credential?.label ?? '' }),
      });
      const refused = (error: AppError): KeyNote => ({
        ok: false,
        text: failureSentence(error.message, error.details?.['said']),
      });
      setBusy(task);
      if (task === 'delete' || task === 'renew') {
        // These have one key a question; one after the other, and one that fails stops no other.
        for (const id of ids) {
          const answer =
            task === 'delete'
              ? await api.request('credentials.delete', { credentialId: id })
              : await api.request('credentials.refresh', { credentialId: id });
          told[id] = answer.ok ? said(null) : refused(answer.error);
        }
      } else {
        const answer =
          task === 'test'
            ? await api.request('credentials.test', { credentialIds: ids })
            : task === 'reset'
              ? await api.request('credentials.reset', { credentialIds: ids })
              : await api.request('credentials.setDisabled', { credentialIds: ids, disabled: task === 'disable' });
        if (answer.ok) {
          for (const result of answer.data.results) told[result.credentialId] = noteOf(result, said, refused);
        } else for (const id of ids) told[id] = refused(answer.error);
      }
      setNotes((known) => ({ ...known, ...told }));
      setBusy(null);
      await useCredentialsStore.getState().load(api);
      return told;
    },
    [api, t],
  );

  const step = useCallback(
    (credentialId: string, by: 1 | -1) => {
      const before = steps.current.get(credentialId) ?? Promise.resolve();
      const next = before.then(async () => {
        const key = useCredentialsStore.getState().credentials?.find(({ id }) => id === credentialId);
        if (key === undefined || key.priority + by < 0) return;
        const answer = await api.request('credentials.update', { credentialId, priority: key.priority + by });
        if (answer.ok) useCredentialsStore.getState().put(answer.data);
        else setNotes((known) => ({ ...known, [credentialId]: { ok: false, text: answer.error.message } }));
      });
      steps.current.set(credentialId, next);
    },
    [api],
  );

  const forget = useCallback(() => setNotes({}), []);
  return useMemo(() => ({ notes, busy, run, step, forget }), [notes, busy, run, step, forget]);
}

function noteOf(
  result: CredentialResult,
  said: (credential: CredentialRecord, models?: number) => KeyNote,
  refused: (error: AppError) => KeyNote,
): KeyNote {
  return result.ok ? said(result.credential, result.models) : refused(result.error);
}
