import { describe, expect, it } from 'vitest';
import { ok } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { useSettingsStore } from './settings-store.ts';

/** A core whose answers come when the test says so. */
function slowCore() {
  const waiting: { route: string; answer: (settings: Settings) => void }[] = [];
  const request = (route: string) =>
    new Promise((resolve) => {
      waiting.push({ route, answer: (settings) => resolve(ok(settings)) });
    });
  return { api: { request } as unknown as SluiceApi, waiting };
}

const withPort = (localApiPort: number, responsesProfile = ''): Settings => ({
  ...DEFAULT_SETTINGS,
  localApiPort,
  responsesProfile,
});

describe('settings', () => {
  it('[E1-02] news that overtakes the answer to a change is not lost', async () => {
    const { api, waiting } = slowCore();
    const { change, put } = useSettingsStore.getState();
    const changed = change(api, { localApiPort: 4000 });
    // Another window changed something else, and the socket was quicker than the answer.
    put(withPort(4000, 'other'));
    waiting.shift()?.answer(withPort(4000));
    await expect.poll(() => waiting.map(({ route }) => route)).toEqual(['settings.get']);
    waiting.shift()?.answer(withPort(4000, 'other'));
    await changed;
    expect(useSettingsStore.getState().settings).toMatchObject({ localApiPort: 4000, responsesProfile: 'other' });
  });

  it('[E1-02] older news does not undo a change that is under way', async () => {
    const { api, waiting } = slowCore();
    const { change, put } = useSettingsStore.getState();
    const changed = change(api, { localApiPort: 5000 });
    put(withPort(4000));
    expect(useSettingsStore.getState().settings.localApiPort).toBe(5000);
    waiting.shift()?.answer(withPort(5000));
    await expect.poll(() => waiting).toHaveLength(1);
    waiting.shift()?.answer(withPort(5000));
    await changed;
    expect(useSettingsStore.getState().settings.localApiPort).toBe(5000);
    expect(waiting).toEqual([]);
  });

  it('[E1-02] changes of one setting go out one after the other, and those of others at once', async () => {
    const { api, waiting } = slowCore();
    const { change } = useSettingsStore.getState();
    const all = [
      change(api, { localApiPort: 1 }),
      change(api, { localApiPort: 2 }),
      change(api, { maxQueuePerSession: 7 }),
    ];
    expect(waiting).toHaveLength(2);
    expect(useSettingsStore.getState().settings.localApiPort).toBe(2);
    waiting[0]?.answer(withPort(1));
    await expect.poll(() => waiting).toHaveLength(3);
    for (const { answer } of waiting.slice(1)) answer({ ...withPort(2), maxQueuePerSession: 7 });
    await Promise.all(all);
    expect(useSettingsStore.getState().settings).toMatchObject({ localApiPort: 2, maxQueuePerSession: 7 });
  });
});
