import { describe, expect, it } from 'vitest';
import type { AppInfo } from '#contract/records';
import { notifyWay } from './notify-way.ts';

const info = (host: AppInfo['host'], notify: boolean) =>
  ({ host, abilities: { chooseFolder: false, notify } }) as AppInfo;

describe('how the person is told', () => {
  it.each([
    ['electron', true, 'default', 'host'],
    ['electron', true, null, 'host'],
    ['electron', false, 'granted', 'none'],
    ['headless', false, 'granted', 'page'],
    ['headless', false, 'default', 'ask'],
    ['headless', false, 'denied', 'blocked'],
    ['headless', false, null, 'none'],
  ] as const)('[E2-23] %s, host tells: %s, permission %s: %s', (host, notify, permission, way) => {
    expect(notifyWay(info(host, notify), permission)).toBe(way);
  });

  it('[E2-23] before the host has said who it is, nobody is asked for anything', () => {
    expect(notifyWay(null, 'default')).toBe('none');
  });
});
