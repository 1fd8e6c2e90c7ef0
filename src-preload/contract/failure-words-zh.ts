import type { FailureWords } from './failure-saying.ts';
import { ANSWER_WORDS_ZH } from './words/answers-zh.ts';
import { DATA_WORDS_ZH } from './words/data-zh.ts';
import { FILE_WORDS_ZH } from './words/files-zh.ts';
import { KEY_WORDS_ZH } from './words/keys-zh.ts';
import { PROGRAM_WORDS_ZH } from './words/programs-zh.ts';
import { REQUEST_WORDS_ZH } from './words/requests-zh.ts';
import { RUN_WORDS_ZH } from './words/runs-zh.ts';
import { SETUP_WORDS_ZH } from './words/setup-zh.ts';
import { USAGE_WORDS_ZH } from './words/usage-zh.ts';

/** Apart, so that only a page that speaks Chinese loads it. */
export const FAILURE_WORDS_ZH: FailureWords = {
  _status: '（{status}）',
  _quote: '：“{quote}”',
  _field: '：“{field}”',
  _inNow: '现在',
  _inSecond: '一秒后',
  _inSeconds: ' {count} 秒后',
  _inMinutes: ' {count} 分钟后',

  redirected:
    '“{upstream}”没有回答，而是把请求转到了另一个地址{status}，Sluice 不会跟随。请检查服务商的地址：应填写最终的地址。',
  refused_the_way: '“{upstream}”拒绝的是这个请求到达的途径，而不是请求本身{status}。请检查服务商的地址和代理。',
  web_page: '“{upstream}”返回的是网页而不是数据{status}。请检查服务商的地址。',
  asks_for_key: '“{upstream}”需要密钥{status}。请为这个服务商添加一个。',
  key_refused: '“{upstream}”没有接受这个密钥{status}。请更换密钥。',
  not_allowed: '“{upstream}”不允许用当前密钥这样做{status}{quote}。请检查密钥的权限，或更换密钥。',
  no_credit: '这个密钥在“{upstream}”的额度已用完{status}{quote}。请向服务商充值，或使用另一个密钥。',
  overage: '“{upstream}”暂时不再提供套餐外的用量{status}{quote}。请{in}重试，或使用另一个密钥。',
  flagged:
    '“{upstream}”报告这个账户有异常活动{status}{quote}。Sluice 已暂停使用它的密钥，也不会设法绕过。请向服务商查看账户。',
  rate_limited: '“{upstream}”现在不再接受更多请求{status}{quote}。请{in}重试。',
  overloaded: '“{upstream}”过载{status}{quote}。请稍后重试。',
  too_long_for_model:
    '“{upstream}”表示这个对话对该模型来说太长{status}{quote}。请缩短内容、开始新对话，或选择上下文更大的模型。',
  too_large: '“{upstream}”表示这个请求太大{status}{quote}。请缩短消息或去掉附件。',
  unknown_model: '“{upstream}”不认识这个模型{status}{quote}。请选择另一个模型。',
  nothing_there: '“{upstream}”的这个地址上什么也没有{status}{quote}。请检查服务商的地址。',
  refused: '“{upstream}”拒绝了这个请求{status}{quote}。请修改消息或更换模型后重试。',
  too_late: '“{upstream}”没有及时得到回答{status}{quote}。请重试。',
  server_failed: '“{upstream}”在回答时出错{status}{quote}。请稍后重试。',
  empty_answer: '上游结束时没有给出回答。通常是密钥无效，或它不认识这个模型。',

  nobody_answers: '“{upstream}”的地址无人应答。请在那里启动它，或检查地址。',
  unknown_host: '找不到“{upstream}”的主机名。请检查地址和网络连接。',
  unreachable: '无法连接到“{upstream}”。请检查网络连接后重试。',
  no_http: '“{upstream}”的地址上应答的不是预期的 HTTP。请检查地址，以及是 http 还是 https。',
  certificate: '无法验证“{upstream}”的证书，因此没有发送任何内容。请检查地址。',
  no_handshake:
    '“{upstream}”与 Sluice 没有共同支持的加密方式，因此没有发送任何内容。请检查地址；那里的服务器必须支持 TLS 1.2 或更高版本，以及 HTTP/1.1。',
  hung_up: '“{upstream}”没有回答就关闭了连接。请重试。',
  connection_cut: '回答尚未完成，与“{upstream}”的连接就断开了。已收到的内容会保留。重试可得到完整的回答。',
  began_too_late: '“{upstream}”在 {seconds} 秒内没有开始回答。请重试，或在设置中允许更长的时间。',
  silent_too_long: '“{upstream}”已有 {seconds} 秒没有动静。已收到的内容会保留。请重试，或在设置中允许更长的时间。',
  ended_too_late: '“{upstream}”在 {seconds} 秒内没有完成。请重试，或在设置中允许更长的时间。',

  no_key: '“{upstream}”还没有密钥。添加一个即可使用。',
  keys_busy_line:
    '这个服务商的所有密钥都在使用中，已有 {limit} 个请求在等待。请稍后重试，或让一个密钥同时服务更多请求。',
  keys_busy_long: '这个服务商的所有密钥已连续占用 {seconds} 秒。请重试、添加密钥，或让一个密钥同时服务更多请求。',
  keys_resting: '这个服务商的所有密钥都在休息，最早的一个{in}恢复：{reason} 请等待、添加密钥，或在密钥列表中重置一个。',
  keys_stopped: '这个账户的密钥已停用，最早的一个{in}重试：{reason} 请向服务商查看账户。',
  other_origin:
    '这个服务商的密钥是为 {approved} 批准的，因此没有向 {origin} 发送任何内容。请在“凭据”页确认新地址，或为它添加密钥。',
  keys_locked: '这个服务商的密钥已锁定。请解锁，或重新输入密钥。',
  model_not_allowed: '这个服务商没有密钥可以使用这个模型。请选择另一个模型，或允许某个密钥使用它。',
  credit_used_up: '这个服务商所有密钥的额度都已用完。请向服务商充值并重置密钥，或再添加一个。',
  keys_refused: '服务商连续多次拒绝了所有密钥。请更换密钥，或重置后再试。',
  sign_in_ended: '这个服务商的登录已失效。请重新登录。',
  keys_tried: '这个服务商的所有密钥都拒绝了这个请求。',
  keys_off: '这个服务商的所有密钥都已关闭。请打开一个，或再添加一个。',

  budget_day: '今天的预算 {limit} 已用完，因此不再发送新内容。请在用量页提高预算，或让它只提醒。',
  budget_month: '本月的预算 {limit} 已用完，因此不再发送新内容。请在用量页提高预算，或让它只提醒。',
  window_too_small:
    '这个模型一次最多读 {window} 个词元，而指令、工具、固定的消息和最新的消息就有 {needed} 个。请缩短消息、取消固定，或选择上下文更大的模型。',
  disk_full: '磁盘已满，无法保存。请腾出一些空间后重试。',
  file_held: '另一个程序占用着对话文件。请关闭它后重试。',
  queue_full: '这个对话已有 {most} 条消息在等待。请移除一条，或等待回答。',
  no_conversation: '没有这个对话。',
  no_conversation_any_more: '没有这个对话，它可能已被删除。',
  still_answering: '这个对话还在回答。请将消息排队，或先停止回答。',
  not_waiting: '这条消息已不在等待。',
  sent_already: '这条消息已经发送，不能再修改。',
  empty_message: '消息是空的，请先写点什么。',
  closing: 'Sluice 正在关闭。',
  closing_not_taken: 'Sluice 正在关闭，没有接收这条消息。',
  lost_at_close: '写这个回答时 Sluice 被关闭了，上游已不再知道它。',
  stopped: '已停止。',
  internal: 'Sluice 内部出错，详情见日志文件。',

  ...ANSWER_WORDS_ZH,
  ...KEY_WORDS_ZH,
  ...FILE_WORDS_ZH,
  ...DATA_WORDS_ZH,
  ...RUN_WORDS_ZH,
  ...SETUP_WORDS_ZH,
  ...PROGRAM_WORDS_ZH,
  ...USAGE_WORDS_ZH,
  ...REQUEST_WORDS_ZH,
};
