import { beforeEach, describe, expect, it } from 'vitest';
import { ok, type Result } from '#contract/errors';
import type { SluiceApi } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { useSettingsStore } from './settings-store.ts';

/** A core whose answers come when the test says so. */
function heldCore() {
  const answers: ((result: Result<Settings>) => void)[] = [];
  const api = {
    request: () => new Promise((resolve) => answers.push(resolve)),
    onEvent: () => () => undefined,
  } as unknown as SluiceApi;
  return { api, answers };
}

beforeEach(() => useSettingsStore.setState({ settings: DEFAULT_SETTINGS, known: false, problem: null }));

describe('settings of the page', () => {
  it('[E12] an answer to an earlier change never takes a later one back', async () => {
    const { api, answers } = heldCore();
    const { change, put } = useSettingsStore.getState();
    const first = change(api, { textSize: 112.5 });
    const second = change(api, { textSize: 125 });
    answers[0]?.(ok({ ...DEFAULT_SETTINGS, textSize: 112.5 }));
    await first;
    // The core tells every window of the first change, too.
    put({ ...DEFAULT_SETTINGS, textSize: 112.5 });
    expect(useSettingsStore.getState().settings.textSize).toBe(125);
    answers[1]?.(ok({ ...DEFAULT_SETTINGS, textSize: 125 }));
    await second;
    put({ ...DEFAULT_SETTINGS, textSize: 150 });
    expect(useSettingsStore.getState().settings.textSize).toBe(150);
  });

  it('[E12] a change that is refused goes back alone, and says why', async () => {
    const { api, answers } = heldCore();
    const { change } = useSettingsStore.getState();
    const refused = change(api, { shortcuts: { newChat: 'A' } });
    const taken = change(api, { theme: 'dark' });
    const error = { code: 'invalid_payload' as const, message: 'No.', retry: { kind: 'no' as const } };
    answers[0]?.({ ok: false, error });
    expect(await refused).toEqual(error);
    expect(useSettingsStore.getState().settings).toMatchObject({ theme: 'dark', shortcuts: {} });
    answers[1]?.(ok({ ...DEFAULT_SETTINGS, theme: 'dark' }));
    await taken;
  });
});
