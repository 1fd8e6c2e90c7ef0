import { useCallback, useEffect, useState } from 'react';
import type { BackupRecord } from '#contract/data';
import type { AppError, Result } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { waitForReopening } from './wait-for-reopening.ts';

/** What is being done; null when nothing is. */
export type BackupTask = 'making' | 'reopening' | null;

/** The backups of this host, and what can be done with them. */
export function useBackups() {
  const { api } = useCore();
  const [backups, setBackups] = useState<BackupRecord[] | null>(null);
  const [task, setTask] = useState<BackupTask>(null);
  const [problem, setProblem] = useState<AppError | null>(null);

  const load = useCallback(async () => {
    const answer = await api.request('data.backups', {});
    if (answer.ok) setBackups(answer.data.backups);
    else setProblem(answer.error);
  }, [api]);
  useEffect(() => {
    let current = true;
    void api.request('data.backups', {}).then((answer) => {
      if (!current) return;
      if (answer.ok) setBackups(answer.data.backups);
      else setProblem(answer.error);
    });
    return () => {
      current = false;
    };
  }, [api]);

  /** Does what has the host open its store anew, and then draws everything anew. */
  const reopen = async (ask: () => Promise<Result<{ accepted: true }>>): Promise<void> => {
    setProblem(null);
    setTask('reopening');
    const before = await api.request('data.store', {});
    const answer = await ask();
    if (answer.ok && before.ok && (await waitForReopening(api, before.data.generation))) {
      window.location.reload();
      return;
    }
    setTask(null);
    if (!answer.ok) setProblem(answer.error);
  };

  return {
    backups,
    task,
    problem,
    async create() {
      setTask('making');
      setProblem(null);
      const answer = await api.request('data.backUp', {});
      setTask(null);
      if (!answer.ok) setProblem(answer.error);
      await load();
    },
    async remove(file: string) {
      const answer = await api.request('data.deleteBackup', { file });
      setProblem(answer.ok ? null : answer.error);
      await load();
    },
    restore: (file: string) => reopen(() => api.request('data.restore', { file })),
    tryAgain: () => reopen(() => api.request('data.reopen', {})),
    startEmpty: () => reopen(() => api.request('data.startEmpty', {})),
  };
}
