import type { PROGRAM_WORDS } from './programs.ts';

export const PROGRAM_WORDS_ZH: Readonly<Record<keyof typeof PROGRAM_WORDS, string>> = {
  closing_calls: 'Sluice 正在关闭本地 API，因此这次调用已结束。请在它重新运行后再试。',
  programs_many_keys: '已有 {most} 个密钥。请吊销一个不再使用的。',
  programs_no_key: '没有这个密钥。',
  trial_off: '本地 API 已关闭。请打开后重试。',
  trial_status: '地址返回了状态 {code}。',
  trial_no_message: '地址有应答，但返回的不是消息。',
  trial_too_late: '{seconds} 秒内没有收到回答。',
  trial_unreachable: '无法连接到该地址{status}。可能被这台电脑上的其他程序拦截。',
};
