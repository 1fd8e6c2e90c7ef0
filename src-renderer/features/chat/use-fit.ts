import { useEffect, useState } from 'react';
import type { DraftedFile, MessageFit } from '#contract/message-fit';
import { hasParameters } from '#contract/model-parameters';
import type { ProfileRecord } from '#contract/records';
import type { RouteInput } from '#contract/routes';
import { useCore } from '../../ipc/use-api.ts';
import { type DraftFile, filesOf, useAttachmentStore } from './attachment-store.ts';
import { type ChatState, useChatStore } from './chat-store.ts';

/** The files of a draft that are stored, as the core judges them. A file of a message that was taken back says no size. */
export function draftedFiles(files: readonly DraftFile[]): DraftedFile[] {
  return files.flatMap(({ state, sizeBytes }) => {
    if (state.kind !== 'ready') return [];
    const { path, mediaType, isImage } = state.record;
    return [{ path, mediaType, isImage, sizeBytes }];
  });
}

/** What has to be asked again whenever it changes, as text; null where nothing can be left out. */
export function fitQuestion(
  state: Pick<ChatState, 'choices' | 'sessions'>,
  sessionId: string,
  files: readonly DraftedFile[],
): string | null {
  const { profile, model, parameters = {} } = state.choices[sessionId] ?? {};
  const session = state.sessions[sessionId];
  if (files.length === 0 && !hasParameters(parameters) && !hasParameters(session?.parameters ?? {})) return null;
  const input: RouteInput<'sessions.fit'> = {
    sessionId,
    ...(profile === undefined ? {} : { profile }),
    ...(model === undefined ? {} : { model }),
    ...(hasParameters(parameters) ? { parameters } : {}),
    files: [...files],
  };
  // The conversation's own are read by the core, and are part of what makes another question.
  return JSON.stringify([input, session?.profile, session?.model, session?.parameters]);
}

/** What of the message that is being written will not go out as it is; null while nothing is known to be so. */
export function useFit(
  sessionId: string,
  profiles: readonly ProfileRecord[],
  defaultProfile: string,
): MessageFit | null {
  const { api } = useCore();
  const files = useAttachmentStore((state) => filesOf(state.files, sessionId));
  const question = useChatStore((state) => fitQuestion(state, sessionId, draftedFiles(files)));
  const who = profiles.map(({ name, kind, defaultModel }) => `${name} ${kind} ${defaultModel}`).join('\n');
  const [answer, setAnswer] = useState<MessageFit | null>(null);
  useEffect(() => {
    if (question === null) return;
    let isCurrent = true;
    const [input] = JSON.parse(question) as [RouteInput<'sessions.fit'>];
    void api.request('sessions.fit', input).then((told) => {
      // A profile that is gone is told in words when the message is sent; here nothing is claimed.
      if (isCurrent) setAnswer(told.ok ? told.data : null);
    });
    return () => {
      isCurrent = false;
    };
  }, [api, question, who, defaultProfile]);
  // The last answer stands until the next, so that nothing flickers while a file is added.
  if (question === null || answer === null) return null;
  return answer.files.length + answer.parameters.length === 0 ? null : answer;
}
