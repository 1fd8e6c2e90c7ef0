import { describe, expect, it, onTestFinished } from 'vitest';
import { settingsSchemas } from '#contract/schemas/settings-schemas';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { startHeadlessProcess } from '../testing/headless-process.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { fitsSetting } from './fit-setting.ts';
import { openStore } from './store.ts';

const KEYS = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
/** Each kind of JSON, and words that some setting of some version may know. */
const VALUES = [null, true, 7, 100, 'x', '', 'system', 'auto', 'normal', 'zh-CN', [], ['x'], {}, { a: 'x' }, { a: 1 }];

const isTaken = (key: keyof Settings, value: unknown) =>
  settingsSchemas['settings.set'].safeParse({ values: { [key]: value } }).success;

describe('settings as they are stored', () => {
  it.each(KEYS)('[E10-26] %s: what could have been set fits', (key) => {
    const settable = [DEFAULT_SETTINGS[key], ...VALUES].filter((value) => isTaken(key, value));
    expect(settable.length).toBeGreaterThan(0);
    for (const value of settable) expect(fitsSetting(key, value), JSON.stringify(value)).toBe(true);
  });

  it.each(KEYS)('[E10-26] %s: another kind of value does not fit, nor what is none of its choices', (key) => {
    const isNumber = typeof DEFAULT_SETTINGS[key] === 'number' && key !== 'textSize';
    // Bounds of numbers, bindings and lengths are the schema's.
    const odd = VALUES.filter((value) => !(isNumber && typeof value === 'number') && !isTaken(key, value));
    const unfit = odd.filter(
      (value) => !(key === 'shortcuts' && JSON.stringify(value) === '{"a":"x"}') && value !== '',
    );
    expect(unfit.length).toBeGreaterThan(0);
    for (const value of unfit) expect(fitsSetting(key, value), JSON.stringify(value)).toBe(false);
  });

  it('[E10-26] a host opens with the default in place of what it does not know, and leaves it where it is', async () => {
    const dir = tempDir();
    const store = openStore(dataPaths(dir), { clock: new ManualClock() });
    const odd = { logDetail: 'everything', language: 7, modelAliases: null, theme: 'dark', ofTomorrow: [1] };
    await store.committer.commit(() => store.settings.write(odd as never));
    store.close();
    const host = await startHeadlessProcess(dir);
    onTestFinished(() => host.kill());
    const settings = await host.request('settings.get', {});
    expect(settings).toEqual({ ok: true, data: { ...DEFAULT_SETTINGS, theme: 'dark' } });
    await host.stop();
    const again = openStore(dataPaths(dir), { clock: new ManualClock() });
    onTestFinished(() => again.close());
    const kept = again.db.prepare('select value from settings where key = ?').pluck();
    expect([kept.get('logDetail'), kept.get('ofTomorrow')]).toEqual(['"everything"', '[1]']);
  });
});
