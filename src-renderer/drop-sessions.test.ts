import { beforeEach, expect, it } from 'vitest';
import { emptyRunView } from '#contract/run-view';
import { dropSessions } from './drop-sessions.ts';
import { filesOf, useAttachmentStore } from './features/chat/attachment-store.ts';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';
import { draftOf, editKey, useDraftStore } from './features/chat/draft-store.ts';

const bridge = { unwatch: () => undefined };

beforeEach(() => {
  useChatStore.setState(useChatStore.getInitialState(), true);
  useDraftStore.setState(useDraftStore.getInitialState(), true);
  useAttachmentStore.setState(useAttachmentStore.getInitialState(), true);
});

it('conversations that are deleted elsewhere are let go of, and nothing of them is kept', () => {
  const unwatched: string[] = [];
  for (const id of ['a', 'b', 'c']) chatSink.setView(id, emptyRunView(id));
  dropSessions({ unwatch: (id) => void unwatched.push(id) }, ['a', 'c']);
  expect(unwatched).toEqual(['a', 'c']);
  expect(Object.keys(useChatStore.getState().views)).toEqual(['b']);
});

it('[E12] what is being written in the open conversation goes along to the new one, with its files', () => {
  const { show, newId } = useChatStore.getState();
  show('open');
  useDraftStore.getState().setDraft('open', 'half a thought');
  useDraftStore.getState().setDraft(newId, 'before');
  useAttachmentStore
    .getState()
    .putBack('open', [{ type: 'image', name: 'a.png', path: '/a.png', media_type: 'image/png' }]);
  dropSessions(bridge, ['open']);
  expect(useChatStore.getState()).toMatchObject({ currentId: newId, isNew: true });
  expect(draftOf(useDraftStore.getState().texts, newId)).toBe('before\n\nhalf a thought');
  expect(filesOf(useAttachmentStore.getState().files, newId).map((file) => file.name)).toEqual(['a.png']);
});

it('[E12] of the others nothing that was typed stays, edits included, and nothing else goes', () => {
  const { setDraft } = useDraftStore.getState();
  for (const key of ['gone', editKey('gone', 'm1'), 'stays', editKey('stays', 'm2')]) setDraft(key, 'words');
  useChatStore.getState().show('stays');
  dropSessions(bridge, ['gone']);
  expect(Object.keys(useDraftStore.getState().texts).sort()).toEqual([editKey('stays', 'm2'), 'stays']);
  expect(useChatStore.getState().currentId).toBe('stays');
});
