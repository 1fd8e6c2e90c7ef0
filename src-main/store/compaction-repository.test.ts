import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { tempDir } from '../testing/temp-dir.ts';
import type { CompactionRow } from './compaction-repository.ts';
import { openStore } from './store.ts';

const compaction = (id: string, createdAtMs: number): CompactionRow => ({
  id,
  sessionId: 's',
  summary: id,
  lastMessageId: 'm',
  messageCount: 1,
  sourceHash: '',
  tokens: 1,
  beforeTokens: 2,
  afterTokens: 1,
  trigger: 'auto',
  profile: null,
  model: null,
  usage: null,
  callId: null,
  createdAtMs,
});

describe('summaries', () => {
  it('[E7-06] [BUG-A14] the one that was stored last holds, whatever the clock said and whatever their ids are', async () => {
    const { store, close } = open();
    await store.committer.commit(() => {
      store.compactions.insert(compaction('z', 5000));
      store.compactions.insert(compaction('a', 5000));
      store.compactions.insert(compaction('m', 1000));
    });
    expect(store.compactions.current('s')?.id).toBe('m');
    expect(store.compactions.list('s').map(({ id }) => id)).toEqual(['z', 'a', 'm']);
    await store.committer.commit(() => store.compactions.undo('m', 2000));
    expect(store.compactions.current('s')?.id).toBe('a');
    close();
  });
});

function open() {
  const store = openStore(dataPaths(tempDir()), { clock: new ManualClock() });
  store.sessions.insert({
    id: 's',
    title: 's',
    title_source: 'auto',
    profile: null,
    model: null,
    workspace: null,
    created_at_ms: 0,
    updated_at_ms: 0,
  });
  return { store, close: () => store.close() };
}
