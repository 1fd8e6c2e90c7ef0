import type { ANSWER_WORDS } from './answers.ts';

export const ANSWER_WORDS_ZH: Readonly<Record<keyof typeof ANSWER_WORDS, string>> = {
  answer_too_large: '“{upstream}”的一个回答超过了 {limit} MiB，因此被截断。已收到的内容会保留。',
  answer_compressed: '“{upstream}”发来了压缩的回答（{encoding}），尽管请求时要求不压缩。请在那里关闭压缩。',
  headers_too_large: '“{upstream}”的回答带有超过 {limit} kB 的标头，因此没有读取。请检查地址，以及中间的代理。',
  needs_model: '“{upstream}”需要指定模型。请为这个对话或服务商选择一个。',
  no_run_id:
    '“{upstream}”接受了消息，但没有说明对应哪次运行（No run_id in upstream response）。请检查它是否是 Hermes 智能体。',
  told_to_stop: '“{upstream}”在 {minutes} 分钟内没有完成，已让它停止。已收到的内容会保留。',
  no_model_list_answer: '“{upstream}”返回的不是模型列表。请检查服务商的地址。',
  piece_of_answer_too_large: '“{upstream}”发来的一段内容过大，不可能是回答的一部分，因此被截断。已收到的内容会保留。',
  gave_up_unknown: '“{upstream}”已不再知道这次运行，因此放弃了这个回答。已收到的内容会保留。请等它恢复后重试。',
  gave_up_unreachable:
    '“{upstream}”已有 {minutes} 分钟无法连接，因此放弃了这个回答。已收到的内容会保留。请等它恢复后重试。',
  restarted: '“{upstream}”在回答时重新启动了。已收到的内容会保留。重试可得到完整的回答。',
  check_too_late: '“{upstream}”在 {seconds} 秒内没有应答。请检查它是否在运行。',
  check_no_models: '“{upstream}”有应答，但没有提供模型列表。',
  check_something_else: '在“{upstream}”的地址上应答的是别的服务。请检查地址和端口。',
  check_answers: '“{upstream}”应答正常。',
  check_demo: '演示是 Sluice 的一部分。',
  unread_answer: '“{upstream}”{what}{status}。请检查服务商的地址和类型是否相符。',
  what_no_answer: '返回的数据中没有回答',
  what_broken_json: '发来的一部分回答不是有效的 JSON',
  too_many_calls: '模型一次请求了超过 {most} 个工具，因此回答被中断。已收到的内容会保留。',
  what_nothing: '没有返回任何内容',
  what_no_json: '返回的内容不是有效的 JSON',
};
