import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { dataPaths } from '../../platform/paths.ts';
import { openStore } from '../../store/store.ts';
import { countingIds } from '../../testing/runs-harness.ts';
import { tempDir } from '../../testing/temp-dir.ts';
import { createPromptHandlers } from './prompt-handlers.ts';

function library(dir = tempDir()) {
  const store = openStore(dataPaths(dir), { clock: new ManualClock() });
  let atMs = 0;
  const handlers = createPromptHandlers({ store, now: () => ++atMs, newId: countingIds() });
  const names = async () => (await handlers['prompts.list']({}, null)).prompts.map(({ name, body }) => [name, body]);
  return { store, handlers, names, dir };
}

describe('the library of prompts', () => {
  it('[E12] keeps prompts by name over a restart', async () => {
    const { store, handlers, dir } = library();
    await handlers['prompts.save']({ name: 'Translate', body: '把 {{text}} 译成英文' }, null);
    await handlers['prompts.save']({ name: 'a note', body: '1' }, null);
    store.close();
    const again = library(dir);
    expect(await again.names()).toEqual([
      ['a note', '1'],
      ['Translate', '把 {{text}} 译成英文'],
    ]);
    again.store.close();
  });

  it('[E12] a name that is taken is refused in words, whatever its case, and nothing changes', async () => {
    const { store, handlers, names } = library();
    const first = await handlers['prompts.save']({ name: 'Note', body: '1' }, null);
    const other = await handlers['prompts.save']({ name: 'Other', body: '2' }, null);
    const refused = /“note”/;
    await expect(handlers['prompts.save']({ name: 'note', body: '3' }, null)).rejects.toThrow(refused);
    await expect(handlers['prompts.save']({ id: other.id, name: 'note', body: '3' }, null)).rejects.toThrow(refused);
    // Its own name in another case is no other's.
    await handlers['prompts.save']({ id: first.id, name: 'NOTE', body: '4' }, null);
    expect(await names()).toEqual([
      ['NOTE', '4'],
      ['Other', '2'],
    ]);
    store.close();
  });

  it('[E12] an import replaces what has the same name and keeps the rest, also where the file names one twice', async () => {
    const { store, handlers, names } = library();
    await handlers['prompts.save']({ name: 'Kept', body: 'k' }, null);
    await handlers['prompts.save']({ name: 'Old', body: 'o' }, null);
    const brought = [
      { name: 'old', body: 'new' },
      { name: 'Twice', body: '1' },
      { name: 'Twice', body: '2' },
    ];
    const answer = await handlers['prompts.import']({ prompts: brought }, null);
    expect(answer).toMatchObject({ added: 1, replaced: 2 });
    expect(await names()).toEqual([
      ['Kept', 'k'],
      ['old', 'new'],
      ['Twice', '2'],
    ]);
    const id = answer.prompts[0]?.id ?? '';
    expect((await handlers['prompts.delete']({ id }, null)).prompts).toHaveLength(2);
    store.close();
  });
});
