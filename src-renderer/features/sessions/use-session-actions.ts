import { useMemo, useState } from 'react';
import type { AppError, Result } from '#contract/errors';
import type { SessionRecord } from '#contract/records';
import type { RouteInput } from '#contract/routes';
import { useCore } from '../../ipc/use-api.ts';
import { saveFile } from '../../ui/save-file.ts';
import { useSessionsStore } from './sessions-store.ts';

/** What can be changed of a conversation besides its name. */
export type SessionChange = Omit<RouteInput<'sessions.update'>, 'sessionId'>;
export type ExportFormat = 'markdown' | 'json';

/** What a person can do with a conversation of the list. */
export interface SessionActions {
  rename: (sessionId: string, title: string) => Promise<void>;
  /** A failure is the caller's to show. */
  update: (sessionId: string, change: SessionChange) => Promise<AppError | null>;
  pin: (sessionId: string, pinned: boolean) => Promise<void>;
  archive: (sessionId: string, archived: boolean) => Promise<void>;
  setTags: (sessionId: string, tags: string[]) => Promise<void>;
  save: (session: SessionRecord, format: ExportFormat) => Promise<void>;
  /** Splits a new conversation off that holds everything said so far. */
  fork: (session: SessionRecord) => Promise<void>;
  /** Deletes at once; asking first is the caller's. */
  remove: (session: SessionRecord) => Promise<void>;
}

const MEDIA_TYPE: Record<ExportFormat, string> = { markdown: 'text/markdown', json: 'application/json' };

interface Outcomes {
  onOpened: (sessionId: string) => void;
  onDeleted: (sessionId: string) => void;
  /** Surrounds a deletion, so that whoever hears of it knows whose it is. @returns what `send` returned. */
  deleteByHand: (sessionId: string, send: () => Promise<boolean>) => Promise<boolean>;
}

/**
 * The actions, with one identity for the life of the page, and the last one's failure. The outcomes have to be stable.
 */
export function useSessionActions({ onOpened, onDeleted, deleteByHand }: Outcomes): {
  actions: SessionActions;
  problem: AppError | null;
} {
  const { api } = useCore();
  const [problem, setProblem] = useState<AppError | null>(null);
  const actions = useMemo<SessionActions>(() => {
    const { put, drop } = useSessionsStore.getState();
    const told = <Data>(answer: Result<Data>): answer is { ok: true; data: Data } => {
      setProblem(answer.ok ? null : answer.error);
      return answer.ok;
    };
    const update: SessionActions['update'] = async (sessionId, change) => {
      const answer = await api.request('sessions.update', { sessionId, ...change });
      if (answer.ok) put(answer.data);
      return answer.ok ? null : answer.error;
    };
    return {
      update,
      pin: async (sessionId, pinned) => setProblem(await update(sessionId, { pinned })),
      archive: async (sessionId, archived) => setProblem(await update(sessionId, { archived })),
      setTags: async (sessionId, tags) => setProblem(await update(sessionId, { tags })),
      async rename(sessionId, title) {
        const answer = await api.request('sessions.rename', { sessionId, title });
        if (told(answer)) put(answer.data);
      },
      async save({ id }, format) {
        const answer = await api.request('sessions.export', { sessionId: id, format });
        if (told(answer)) saveFile(answer.data.fileName, answer.data.content, MEDIA_TYPE[format]);
      },
      async fork({ id }) {
        const page = await api.request('sessions.page', { sessionId: id, limit: 1 });
        const last = page.ok ? page.data.messages.at(-1) : undefined;
        if (!told(page) || last === undefined) return;
        const answer = await api.request('sessions.fork', { sessionId: id, messageId: last.id });
        if (!told(answer)) return;
        put(answer.data);
        onOpened(answer.data.id);
      },
      async remove({ id }) {
        const send = async () => told(await api.request('sessions.delete', { sessionId: id }));
        if (!(await deleteByHand(id, send))) return;
        drop(id);
        onDeleted(id);
      },
    };
  }, [api, onOpened, onDeleted, deleteByHand]);
  return { actions, problem };
}
