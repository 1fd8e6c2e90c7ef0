import { useEffect, useState } from 'react';
import type { AppError } from '#contract/errors';
import type { ContextParts } from '#contract/records';
import type { RunView } from '#contract/run-view';
import { useCore } from '../../ipc/use-api.ts';
import { filesOf, useAttachmentStore } from './attachment-store.ts';
import { useChatStore } from './chat-store.ts';
import { blockOf, type FileBlock } from './message-input.ts';
import { isDeletedHere } from './own-deletions.ts';

/** A conversation that changes quickly is counted once it rests. */
const REST_MS = 250;

/** What makes a new count necessary: everything that changes what is sent next, and nothing that streams. */
function contextMark(view: RunView | undefined): string {
  if (view === undefined) return '';
  const pinned = view.settled.filter((row) => row.pinned === true).length;
  return [
    view.run?.runId ?? '',
    view.messageTotal,
    view.settled.at(-1)?.id ?? '',
    pinned,
    view.compactions.at(-1)?.id ?? '',
    view.versions.length,
  ].join(' ');
}

export type ContextAnswer = { parts: ContextParts; error: null } | { parts: null; error: AppError };

/** What the next request of a conversation will hold, with the files of what is being written; null until it was counted. The last count stands until the next. */
export function useContext(sessionId: string): ContextAnswer | null {
  const { api } = useCore();
  const mark = useChatStore((state) => contextMark(state.views[sessionId]));
  const profile = useChatStore((state) => state.choices[sessionId]?.profile);
  const model = useChatStore((state) => state.choices[sessionId]?.model);
  // Read as text: a list of the same files is the same question.
  const files = useAttachmentStore((state) =>
    JSON.stringify(
      filesOf(state.files, sessionId).flatMap((file) =>
        file.state.kind === 'ready' ? [blockOf(file.state.record)] : [],
      ),
    ),
  );
  const [answer, setAnswer] = useState<ContextAnswer | null>(null);
  const [attempt, setAttempt] = useState(0);
  const failed = answer?.error != null;

  useEffect(() => {
    if (mark === '') return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      // Its last answer ends with it, and there is nothing to count behind that.
      if (isDeletedHere(sessionId)) return;
      const choice = { ...(profile === undefined ? {} : { profile }), ...(model === undefined ? {} : { model }) };
      const question = { sessionId, ...choice, files: JSON.parse(files) as FileBlock[] };
      void api.request('sessions.context', question).then((told) => {
        if (!isCurrent) return;
        if (told.ok) setAnswer({ parts: told.data, error: null });
        // What was just deleted has nothing to count.
        else if (told.error.code !== 'not_found') setAnswer({ parts: null, error: told.error });
      });
    }, REST_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [api, sessionId, mark, profile, model, files, attempt]);

  useEffect(() => {
    if (!failed) return;
    // What could not be asked while the core was away is asked once it is back.
    return api.onConnection((state) => {
      if (state === 'up') setAttempt((before) => before + 1);
    });
  }, [api, failed]);

  return answer;
}
