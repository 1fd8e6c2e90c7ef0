import { beforeEach, describe, expect, it } from 'vitest';
import { emptyMessage } from '#contract/message';
import { emptyRunView } from '#contract/run-view';
import { chatSink, useChatStore } from './chat-store.ts';

const row = (id: string) => emptyMessage({ id, session_id: 'a', run_id: null, role: 'assistant', created_at_ms: 0 });
const state = () => useChatStore.getState();

describe('chat store', () => {
  beforeEach(() => {
    useChatStore.setState(useChatStore.getInitialState(), true);
  });

  it('[E1-05] the view of one session never touches the view of another', () => {
    const a = emptyRunView('a');
    chatSink.setView('a', a);
    chatSink.setView('b', { ...emptyRunView('b'), lastSeq: 9 });
    expect(state().views['a']).toBe(a);
    expect(state().views['b']?.lastSeq).toBe(9);
  });

  it('a new conversation has an id of its own and becomes known with its first message', () => {
    const first = state().currentId;
    state().settleNew('somebody else');
    expect(state().isNew).toBe(true);
    state().settleNew(first);
    expect(state().isNew).toBe(false);
    state().startNew();
    expect(state().currentId).not.toBe(first);
    expect(state().isNew).toBe(true);
  });

  it('New chat pressed twice keeps the conversation that is being written', () => {
    const first = state().currentId;
    state().startNew();
    expect(state().currentId).toBe(first);
  });

  it('[E12] New chat leads back to the conversation that was left before its first message', () => {
    const first = state().currentId;
    state().choose(first, { instructions: 'Answer in Latin.' });
    state().show('a');
    state().startNew();
    expect(state().currentId).toBe(first);
    expect(state().choices[first]).toEqual({ instructions: 'Answer in Latin.' });
  });

  it('[E12] once its first message was taken, the next one is another, also where the reader has gone elsewhere', () => {
    const first = state().currentId;
    const choice = {
      profile: 'work',
      model: 'big',
      workspace: '/w',
      instructions: 'Be kind.',
      parameters: { topP: 0.5 },
    };
    state().choose(first, choice);
    state().show('a');
    state().settleNew(first);
    expect(state()).toMatchObject({ currentId: 'a', isNew: false });
    // What is the conversation's own now would win over what its panel changes.
    expect(state().choices[first]).toEqual({ profile: 'work', model: 'big' });
    state().startNew();
    expect(state().currentId).not.toBe(first);
    expect(state().choices[state().currentId]).toBeUndefined();
  });

  it('[E12] a queued command begins a conversation like a message does', () => {
    const first = state().currentId;
    state().choose(first, { instructions: 'Be kind.' });
    chatSink.setCommand(first, { command: 'queue', ok: true, action: 'queued', message: '' });
    expect(state().isNew).toBe(false);
    expect(state().newId).not.toBe(first);
    expect(state().choices[first]).toEqual({});
  });

  it('an older page goes above and doubles no row', () => {
    chatSink.setView('a', { ...emptyRunView('a'), settled: [row('m3'), row('m4')], hasMoreBefore: true });
    const page = {
      sessionId: 'a',
      messages: [row('m1'), row('m2'), row('m3')],
      runs: [],
      hasMoreBefore: false,
      messageTotal: 4,
    };
    state().prependPage(page);
    expect(state().views['a']?.settled.map((each) => each.id)).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(state().views['a']?.hasMoreBefore).toBe(false);
  });

  it('forgetting the open conversation opens a new one; forgetting another leaves it', () => {
    state().show('a');
    chatSink.setView('a', emptyRunView('a'));
    state().forget('b');
    expect(state().currentId).toBe('a');
    state().forget('a');
    expect(state().currentId).not.toBe('a');
    expect(state().isNew).toBe(true);
    expect(state().views['a']).toBeUndefined();
  });

  it('dropping a view frees the rows and keeps what was chosen for the conversation', () => {
    state().choose('a', { model: 'picked' });
    chatSink.setView('a', emptyRunView('a'));
    chatSink.dropView('a');
    expect(state().views).toEqual({});
    expect(state().choices['a']).toEqual({ model: 'picked' });
  });

  it('clearing a stop that is not there changes nothing, so nothing is drawn again', () => {
    const before = state();
    chatSink.setStop('a', undefined);
    expect(state()).toBe(before);
  });

  it('[decision 20] a model that /model chose is not hidden by the one that was picked here', () => {
    state().choose('a', { profile: 'work', model: 'picked' });
    const result = { command: 'model', ok: true, action: 'none', message: 'The model is picked.' };
    chatSink.setCommand('a', result);
    expect(state().choices['a']).toEqual({ profile: 'work', model: 'picked' });
    chatSink.setCommand('a', { ...result, action: 'changed' });
    expect(state().choices['a']).toEqual({ profile: 'work' });
    expect(state().commands['a']?.action).toBe('changed');
  });

  it('[decision 20] a command that began a conversation makes it known', () => {
    const { currentId } = state();
    chatSink.setCommand('another', { command: 'queue', ok: true, action: 'queued', message: 'Sent.' });
    expect(state().isNew).toBe(true);
    chatSink.setCommand(currentId, { command: 'queue', ok: true, action: 'queued', message: 'Sent.' });
    expect(state().isNew).toBe(false);
  });
});
