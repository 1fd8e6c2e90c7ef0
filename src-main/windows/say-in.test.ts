import { expect, it } from 'vitest';
import { failureOf } from '../platform/app-failure.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { sayIn } from './say-in.ts';

it('[E12] a dialog of the application says a failure in the language of the interface, parts of it included', () => {
  const held = failureOf('conflict', { word: 'other_window', with: { dir: '/home/me/.sluice', process: '12345' } });
  expect(sayIn('en', held)).toBe(held.message);
  expect(sayIn('zh-CN', held)).toMatch(/^另一个 Sluice（桌面窗口，进程 12345）正在使用 \/home\/me\/\.sluice。/);
  const trouble = new StoreTrouble('upgrade', {
    word: 'trouble_upgrade',
    with: {
      known: 13,
      version: 12,
      reason: { word: 'no_room', with: { purpose: { word: 'room_to_back_up' }, neededBytes: 2.5e9, freeBytes: 1e6 } },
    },
  });
  expect(sayIn('zh-CN', trouble)).toContain('（磁盘空间不足，无法备份对话：需要 2,500 MB，可用 1 MB。');
  expect(trouble.message).toContain('(There is not enough room for a backup of the conversations: 2,500 MB are needed');
});

it('[E12] what has no name is told as it was thrown', () => {
  expect(sayIn('zh-CN', new Error('EACCES: permission denied'))).toBe('EACCES: permission denied');
  expect(sayIn('zh-CN', 'text')).toBe('text');
});
