import { expect, it } from 'vitest';
import { type ManualCore, manualCore } from '../testing/manual-core.ts';

async function threeTurns(): Promise<ManualCore> {
  const core = await manualCore();
  await core.turn('s', 'one', 'answer one');
  await core.turn('s', 'two', 'answer two');
  await core.turn('s', 'three', 'answer three');
  return core;
}

function row(core: ManualCore, content: string) {
  const found = core.store.messages.all('s').find((message) => message.content === content);
  if (found === undefined) throw new Error(`no message says ${content}`);
  return found;
}

it('[E8-28] a deleted turn is gone from the conversation, the search and the log, and others stay', async () => {
  const core = await threeTurns();
  const two = row(core, 'two');
  await core.runs.deleteTurn('s', two.id);
  expect(core.transcript('s')).toEqual([
    'user: one',
    'assistant: answer one',
    'user: three',
    'assistant: answer three',
  ]);
  expect(core.events.at(-1)).toMatchObject({ event: 'history.changed', reason: 'deleted', reload: false });
  expect(core.store.sessions.get('s')?.message_count).toBe(4);
  const everything = JSON.stringify(core.store.db.prepare('select payload from run_events').all());
  expect(everything).toContain('answer one');
  expect(everything).not.toContain('answer two');
  const record = core.store.db.prepare('select * from runs where id = ?').get(two.run_id ?? '');
  expect(record).toMatchObject({ status: 'success', first_human_message: null, last_ai_message: null });
  // What the model is told next does not have it.
  await core.turn('s', 'four', 'answer four');
  expect(core.calls.at(-1)?.request?.history.map((message) => message.content)).toEqual([
    'one',
    'answer one',
    'three',
    'answer three',
  ]);
  // Whoever asks for the places of its events takes everything anew.
  expect(core.runs.eventsAfter('s', 1)).toBeNull();
  const again = await core.reopen();
  expect(again.transcript('s')).not.toContain('user: two');
});

it('[E8-28] a turn is not deleted while an answer is made, nor twice, nor one of another conversation', async () => {
  const core = await threeTurns();
  const one = row(core, 'one');
  await core.runs.submit({ sessionId: 's', input: 'more' }, null);
  await core.settle();
  await expect(core.runs.deleteTurn('s', one.id)).rejects.toMatchObject({ code: 'conflict_active_run' });
  expect(core.transcript('s')).toContain('user: one');
  await core.turn('other', 'elsewhere', 'answer');
  await expect(core.runs.deleteTurn('other', one.id)).rejects.toMatchObject({ code: 'not_found' });
});
