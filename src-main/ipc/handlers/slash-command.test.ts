import { describe, expect, it } from 'vitest';
import { parseSlashCommand } from '#contract/slash-commands';
import { done, type ManualCore, manualCore, said } from '../../testing/manual-core.ts';
import { runSlashCommand } from './slash-command.ts';

async function type(core: ManualCore, input: string) {
  const command = parseSlashCommand(input);
  if (command === null) throw new Error(`${input} is no command`);
  const parts = { runs: core.runs, store: core.store, now: () => core.clock.now() };
  return runSlashCommand(parts, { sessionId: 's', input }, command, null);
}

describe('slash commands', () => {
  it('[decision 20] only a known word at the very beginning is a command', () => {
    expect(parseSlashCommand('/title My talk ')).toEqual({ command: 'title', argument: 'My talk' });
    expect(parseSlashCommand('/queue two\nlines')).toEqual({ command: 'queue', argument: 'two\nlines' });
    expect(parseSlashCommand('/stop')).toEqual({ command: 'stop', argument: '' });
    for (const text of [' /stop', '/stopp', '/Stop', '/slow', '/', 'a /stop', '//stop', '/stop/now']) {
      expect(parseSlashCommand(text), text).toBeNull();
    }
  });

  it('[decision 20] /stop stops, and says so when there is nothing to stop', async () => {
    const core = await manualCore();
    expect(await type(core, '/stop')).toMatchObject({ ok: false, action: 'none' });
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    await core.settle();
    const stopping = type(core, '/stop');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(await stopping).toMatchObject({ ok: true, action: 'stopped' });
  });

  it('[decision 20] /queue waits behind what runs; alone it counts what waits', async () => {
    const core = await manualCore();
    await core.runs.submit({ sessionId: 's', input: 'a' }, null);
    expect(await type(core, '/queue later')).toMatchObject({ ok: true, action: 'queued', message: 'Queued at 1.' });
    expect(await type(core, '/queue')).toMatchObject({ ok: true, message: 'One message waits.' });
    await core.settle();
    core.calls[0]?.push(said('x'), done);
    await core.settle();
    expect(core.calls[1]?.input).toBe('later');
  });

  it('[decision 20] /model and /title change the conversation, and nothing reaches a model', async () => {
    const core = await manualCore();
    expect(await type(core, '/title Early')).toMatchObject({ ok: false });
    await core.turn('s', 'a', 'b');
    expect(await type(core, '/model big')).toMatchObject({ ok: true, action: 'changed' });
    expect(await type(core, '/title Weirs')).toMatchObject({ ok: true, action: 'changed' });
    expect(core.store.sessions.get('s')).toMatchObject({ model: 'big', title: 'Weirs' });
    expect(await type(core, '/model default')).toMatchObject({ ok: true });
    expect(core.store.sessions.get('s')?.model).toBeNull();
    expect(await type(core, '/title')).toMatchObject({ ok: false });
    expect(await type(core, '/export')).toMatchObject({ ok: true, action: 'export' });
    expect(core.calls).toHaveLength(1);
  });
});
