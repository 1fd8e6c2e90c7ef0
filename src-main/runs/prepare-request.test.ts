import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ContentBlock, emptyMessage, type Message } from '#contract/message';
import { manualCore } from '../testing/manual-core.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { instructionsOf, type LoadParts, prepareRequest, type RequestSource } from './prepare-request.ts';

const options = { profile: 'demo', model: 'm', instructions: null, reasoningEffort: null };
const image = (name: string): ContentBlock => ({ type: 'image', name, path: `/x/${name}`, media_type: 'image/png' });
const source = (fields: Partial<RequestSource> = {}): RequestSource => ({
  rows: [],
  workspace: null,
  instructions: null,
  ...fields,
});
const asked = (id: string, blocks: ContentBlock[]): Message => ({
  ...emptyMessage({ id, session_id: 's', run_id: id, role: 'user', created_at_ms: 1 }),
  content: id,
  content_blocks: blocks,
  status: 'final',
});
const answered = (id: string): Message => ({
  ...emptyMessage({ id: `${id}-answer`, session_id: 's', run_id: id, role: 'assistant', created_at_ms: 1 }),
  content: 'answer',
  status: 'final',
});

/** Loads everything that fits, at 8 MiB a file, and notes in which order it was asked. */
function loader(): { load: LoadParts; order: string[] } {
  const order: string[] = [];
  const SIZE = 8 * 1024 * 1024;
  const load: LoadParts = (blocks, { budgetBytes }) => {
    const names = blocks.flatMap((block) => (block.type === 'text' ? [] : [block.name]));
    order.push(...names);
    const fits = budgetBytes >= SIZE;
    return Promise.resolve({
      content: names.map((name) => `[Image: /x/${name}]`).join('\n'),
      parts: fits
        ? names.map((name) => ({ type: 'image', name, path: `/x/${name}`, mediaType: 'image/png', dataBase64: 'AA' }))
        : null,
      usedBytes: fits ? SIZE : 0,
    });
  };
  return { load, order };
}

describe('what an upstream is asked', () => {
  it('[E6-02] [BUG-A12] attachments come out of one budget, the new message first, then from the newest back', async () => {
    const { load, order } = loader();
    const rows = ['one', 'two', 'three'].flatMap((id) => [asked(id, [image(`${id}.png`)]), answered(id)]);
    const task = { runId: 'r', sessionId: 's', input: [image('new.png')], options };
    const request = await prepareRequest(task, source({ rows }), load, new AbortController().signal);
    expect(order).toEqual(['new.png', 'three.png', 'two.png', 'one.png']);
    expect(request.input.parts).toHaveLength(1);
    const users = request.history.filter((message) => message.role === 'user');
    expect(users.map((message) => ('parts' in message ? (message.parts?.length ?? 0) : 0))).toEqual([0, 0, 1]);
    expect(users.map((message) => message.content)).toEqual([
      '[Image: /x/one.png]',
      '[Image: /x/two.png]',
      '[Image: /x/three.png]',
    ]);
  });

  it('[E6-01] text alone is never taken apart', async () => {
    const { load, order } = loader();
    const task = { runId: 'r', sessionId: 's', input: 'hello', options };
    const request = await prepareRequest(task, source(), load, new AbortController().signal);
    expect(request.input).toEqual({ content: 'hello', parts: null });
    expect(order).toEqual([]);
  });

  it('[E6-09] the conversation’s folder is named as long as it is there', async () => {
    const folder = join(tempDir(), 'work');
    mkdirSync(folder);
    const told = (workspace: string) =>
      instructionsOf(options, { workspace, sessionInstructions: null, basePrompt: '', actsOnFiles: false });
    expect(await told(folder)).toContain(`[Current working directory: ${folder}]`);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await told(file)).toBeNull();
    rmSync(folder, { recursive: true });
    expect(await told(folder)).toBeNull();
  });

  it('[E6-10] [E6-09] a run takes folder and instructions of its conversation as they are when it starts', async () => {
    const folder = tempDir();
    const core = await manualCore();
    await core.turn('s', 'one', 'answer');
    await core.store.committer.commit(() =>
      core.store.sessions.change('s', { workspace: folder, instructions: 'Be kind.' }),
    );
    await core.runs.submit({ sessionId: 's', input: 'two', instructions: 'Be brief.' }, null);
    await expect.poll(() => core.calls.length).toBe(2);
    const lines = core.calls[1]?.request?.instructions?.split('\n') ?? [];
    expect(lines[0]).toBe(`[Current working directory: ${folder}]`);
    expect(lines.slice(-2)).toEqual(['Be kind.', 'Be brief.']);
  });

  it('[E6-10] instructions that a conversation begins with are its own from the first message on', async () => {
    const core = await manualCore();
    const begin = { sessionInstructions: 'Answer in Latin.', instructions: 'Be brief.' };
    await core.runs.submit({ sessionId: 's', input: 'one', ...begin }, null);
    await expect.poll(() => core.calls.length).toBe(1);
    expect(core.calls[0]?.request?.instructions).toBe('Answer in Latin.\nBe brief.');
    expect(core.store.sessions.get('s')?.instructions).toBe('Answer in Latin.');
    // One that stands has its own: a window that did not know of them changes nothing.
    await core.runs.submit({ sessionId: 's', input: 'two', sessionInstructions: 'Answer in Greek.' }, null);
    expect(core.store.sessions.get('s')?.instructions).toBe('Answer in Latin.');
  });

  it('[E4-01] [BUG-A3] a stop while files are being read ends the run at once, and nothing is sent', async () => {
    const core = await manualCore({ loadParts: () => new Promise(() => undefined) });
    await core.runs.submit({ sessionId: 's', input: [{ type: 'text', text: 'look' }, image('a.png')] }, null);
    await core.settle();
    expect(core.runs.snapshot('s').state).toBe('preparing');
    const ack = core.runs.abort('s');
    await core.settle();
    core.clock.advance(60);
    await core.settle();
    expect(await ack).toMatchObject({ status: 'aborted', synced: true });
    expect(core.calls).toHaveLength(0);
    expect(core.runs.snapshot('s').state).toBe('idle');
  });

  it('[BUG-A13] when a conversation cannot be read, the run fails visibly instead of starting without it', async () => {
    const core = await manualCore({ loadParts: () => Promise.reject(new Error('the disk is gone')) });
    await core.runs.submit({ sessionId: 's', input: [image('a.png')] }, null);
    await core.settle();
    expect(core.events.at(-1)).toMatchObject({ event: 'run.failed', error_info: { code: 'internal' } });
    expect(core.calls).toHaveLength(0);
  });
});
