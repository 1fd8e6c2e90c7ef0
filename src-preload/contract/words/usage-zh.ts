import type { USAGE_WORDS } from './usage.ts';

export const USAGE_WORDS_ZH: Readonly<Record<keyof typeof USAGE_WORDS, string>> = {
  budget_gone: '这个预算已不在。',
  no_amount: '“{text}”不是金额。请写成 60 或 12.50。',
  program_cap_busy:
    '密钥“{name}”正在进行的请求可能会用完它 {limit} {currency} 额度的剩余部分。请等其中一个结束后再发送，或在设置的“本地 API”中提高限额。',
  program_cap_spent:
    '密钥“{name}”{period}的 {limit} {currency} 已用完，因此不再为它发送新内容。请在设置的“本地 API”中提高限额。',
  no_price: '“{text}”不是价格。请按每百万词元填写，用小数点，最多六位小数，例如 3.75。',
  price_needs_both: '价格需要输入和输出两项。免费请填 0。',
  price_entry_empty: '这一条还没有内容。请填写价格或模型的上下文长度。',
  price_entry_there: '“{model}”已有一条。请修改那一条。',
  price_entry_gone: '这一条已不在。',
  no_time_zone: '“{asked}”不是时区。请填写例如 Asia/Shanghai 这样的名称。',
  for_today: '今天',
  for_month: '本月',
};
