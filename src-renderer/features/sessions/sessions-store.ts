import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { SessionRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { keepSame, putInto, takeFrom } from './merge-sessions.ts';

/** The contract's longest page of a list. */
const PAGE = 2000;
/** 100,000 conversations; a bound, not a promise. */
const MAX_PAGES = 50;
/** With more changes at once the whole list is one question instead of many. */
const MAX_SINGLE = 12;

interface SessionsState {
  /** Those in the list; `null` until the first answer. */
  sessions: SessionRecord[] | null;
  /** Those put away; `null` until somebody looked. */
  archived: SessionRecord[] | null;
  /** Whether anything is put away. */
  hasArchive: boolean;
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
  /** Asks for what changed, and for nothing else. */
  refresh(api: SluiceApi, ids: readonly string[]): Promise<void>;
  loadArchive(api: SluiceApi): Promise<void>;
  put(session: SessionRecord): void;
  drop(sessionId: string): void;
}

async function listAll(api: SluiceApi, archived: boolean): Promise<SessionRecord[] | AppError> {
  const all = new Map<string, SessionRecord>();
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await api.request('sessions.list', { limit: PAGE, offset: page * PAGE, archived });
    if (!answer.ok) return answer.error;
    for (const session of answer.data.sessions) all.set(session.id, session);
    if (answer.data.sessions.length < PAGE) break;
  }
  return [...all.values()];
}

/** More conversations than this are not asked for one by one. */
const MANY = 20;

/** What is to be asked for. One question is under way at a time, so no answer can overtake a newer one. */
const wanted = { all: false, archive: false, ids: new Set<string>() };
let working: Promise<void> | null = null;
/** Late news of what was deleted is no question to the core. Ids do not come back. */
const gone = new Set<string>();
/** What was deleted while the question is under way: its answer may be from before that. */
const goneMeanwhile = new Set<string>();

const stillThere = (sessions: SessionRecord[]) => sessions.filter((session) => !goneMeanwhile.has(session.id));

export const useSessionsStore = create<SessionsState>()((set, get) => {
  const place = (state: SessionsState, session: SessionRecord): Partial<SessionsState> => {
    const { sessions, archived } = state;
    if (session.archivedAtMs === null) {
      return {
        sessions: sessions === null ? null : putInto(sessions, session),
        archived: archived === null ? null : takeFrom(archived, session.id),
      };
    }
    return {
      sessions: sessions === null ? null : takeFrom(sessions, session.id),
      archived: archived === null ? null : putInto(archived, session),
      hasArchive: true,
    };
  };

  const askAll = async (api: SluiceApi) => {
    const [list, archive] = await Promise.all([
      listAll(api, false),
      api.request('sessions.list', { limit: 1, archived: true }),
    ]);
    if (!Array.isArray(list)) return set({ problem: list });
    set((state) => ({
      sessions: keepSame(state.sessions ?? [], stillThere(list)),
      problem: null,
      ...(archive.ok ? { hasArchive: archive.data.total > 0 } : {}),
    }));
  };

  const askArchive = async (api: SluiceApi) => {
    const answer = await listAll(api, true);
    if (!Array.isArray(answer)) return set({ problem: answer });
    const list = stillThere(answer);
    set((state) => ({ archived: keepSame(state.archived ?? [], list), hasArchive: list.length > 0, problem: null }));
  };

  const askFor = async (api: SluiceApi, sessionId: string) => {
    const answer = await api.request('sessions.get', { sessionId });
    if (goneMeanwhile.has(sessionId)) return;
    if (answer.ok) get().put(answer.data);
    else if (answer.error.code === 'not_found') get().drop(sessionId);
    else set({ problem: answer.error });
  };

  const work = async (api: SluiceApi) => {
    while (wanted.all || wanted.archive || wanted.ids.size > 0) {
      const { all, archive } = wanted;
      const ids = [...wanted.ids];
      Object.assign(wanted, { all: false, archive: false });
      wanted.ids.clear();
      goneMeanwhile.clear();
      if (all || ids.length > MAX_SINGLE) await askAll(api);
      else await Promise.all(ids.map((id) => askFor(api, id)));
      if (archive || (get().archived !== null && (all || ids.length > MAX_SINGLE))) await askArchive(api);
    }
  };
  const start = (api: SluiceApi): Promise<void> => {
    working ??= work(api).finally(() => {
      working = null;
    });
    return working;
  };

  return {
    sessions: null,
    archived: null,
    hasArchive: false,
    problem: null,
    load(api) {
      wanted.all = true;
      return start(api);
    },
    refresh(api, ids) {
      // A change of hundreds, such as a tag's new name, is one list instead of hundreds of questions.
      if (ids.length > MANY) {
        wanted.all = true;
        wanted.archive ||= get().archived !== null;
      } else for (const id of ids) if (!gone.has(id)) wanted.ids.add(id);
      // Before the first list there is nothing that could be out of date.
      if (get().sessions === null) wanted.all = true;
      return start(api);
    },
    loadArchive(api) {
      wanted.archive = true;
      return start(api);
    },
    put: (session) => set((state) => place(state, session)),
    drop: (sessionId) => {
      gone.add(sessionId);
      goneMeanwhile.add(sessionId);
      wanted.ids.delete(sessionId);
      set(({ sessions, archived }) => ({
        sessions: sessions === null ? null : takeFrom(sessions, sessionId),
        archived: archived === null ? null : takeFrom(archived, sessionId),
      }));
    },
  };
});
