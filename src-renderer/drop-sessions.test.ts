import { expect, it } from 'vitest';
import { emptyRunView } from '#contract/run-view';
import { dropSessions } from './drop-sessions.ts';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';

it('conversations that are deleted elsewhere are let go of, and nothing of them is kept', () => {
  const unwatched: string[] = [];
  for (const id of ['a', 'b', 'c']) chatSink.setView(id, emptyRunView(id));
  dropSessions({ unwatch: (id) => void unwatched.push(id) }, ['a', 'c']);
  expect(unwatched).toEqual(['a', 'c']);
  expect(Object.keys(useChatStore.getState().views)).toEqual(['b']);
});
