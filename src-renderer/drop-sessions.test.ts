import { beforeEach, expect, it } from 'vitest';
import { ok } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { emptyRunView } from '#contract/run-view';
import { deleteHere, dropSessions, hearChanged, useGoneStore } from './drop-sessions.ts';
import { filesOf, useAttachmentStore } from './features/chat/attachment-store.ts';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';
import { draftOf, editKey, useDraftStore } from './features/chat/draft-store.ts';
import { deletingHere } from './features/chat/own-deletions.ts';
import { useSessionsStore } from './features/sessions/sessions-store.ts';
import { sessionRecord } from './features/sessions/testing/session-record.ts';

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

it('[E12] why a new chat stands here is told of what is deleted elsewhere, and not of what is not open', () => {
  useGoneStore.setState({ gone: null });
  dropSessions(bridge, ['somewhere']);
  expect(useGoneStore.getState().gone).toBeNull();
  useChatStore.getState().show('open');
  dropSessions(bridge, ['open']);
  expect(useGoneStore.getState().gone).toEqual({ title: '', hasDraft: false });
});

it('[E12] what is deleted here takes its draft with it, whichever comes first, its event or its answer', async () => {
  useGoneStore.setState({ gone: null });
  const { show, newId } = useChatStore.getState();
  show('mine');
  useDraftStore.getState().setDraft('mine', 'half a thought');
  const done = await deletingHere('mine', async () => {
    dropSessions(bridge, ['mine']);
    return true;
  });
  dropSessions(bridge, ['mine']);
  expect(done).toBe(true);
  expect(draftOf(useDraftStore.getState().texts, newId)).toBe('');
  expect(useGoneStore.getState().gone).toBeNull();
  expect(useChatStore.getState()).toMatchObject({ currentId: newId, isNew: true });
});

it('[E12] a deletion that was refused leaves nothing behind: a later one elsewhere is told', async () => {
  await deletingHere('kept', async () => false);
  useChatStore.getState().show('kept');
  dropSessions(bridge, ['kept']);
  expect(useGoneStore.getState().gone).not.toBeNull();
});

it('[E8-28] what a conversation tells while it is deleted here is no question about it; once it stands, it is', async () => {
  const asked: unknown[] = [];
  const record = sessionRecord({ id: 'stands' });
  const api = {
    request: async (route: string, input: unknown) => {
      asked.push([route, input]);
      return ok(record);
    },
  } as unknown as SluiceApi;
  useSessionsStore.setState({ sessions: [record, sessionRecord({ id: 'going' })] });
  await deleteHere(api, 'going', async () => {
    hearChanged(api, ['going']);
    return true;
  });
  expect(asked).toEqual([]);
  await deleteHere(api, 'stands', async () => {
    hearChanged(api, ['stands']);
    return false;
  });
  expect(asked).toEqual([['sessions.get', { sessionId: 'stands' }]]);
});

it('[E12] of the others nothing that was typed stays, edits included, and nothing else goes', () => {
  const { setDraft } = useDraftStore.getState();
  for (const key of ['gone', editKey('gone', 'm1'), 'stays', editKey('stays', 'm2')]) setDraft(key, 'words');
  useChatStore.getState().show('stays');
  dropSessions(bridge, ['gone']);
  expect(Object.keys(useDraftStore.getState().texts).sort()).toEqual([editKey('stays', 'm2'), 'stays']);
  expect(useChatStore.getState().currentId).toBe('stays');
});
