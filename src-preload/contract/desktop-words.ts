/** Words that the desktop application says outside of its page: the tray, the menu of the right button, questions. */
export interface DesktopWords {
  tray: Record<'show' | 'newChat' | 'quickQuestion' | 'quit' | 'tip', string>;
  context: Record<'learn' | 'noSuggestion' | 'copyLink' | 'cut' | 'copy' | 'paste' | 'selectAll', string>;
  quit: Record<'titleOne' | 'titleMany' | 'body' | 'finish' | 'stop' | 'cancel' | 'remember', string>;
  open: Record<'title' | 'body' | 'yes' | 'no', string>;
  page: Record<'crashed' | 'crashedBody' | 'hangs' | 'hangsBody' | 'reload' | 'wait' | 'close', string>;
  crash: Record<'title' | 'body' | 'restart' | 'quit', string>;
  file: Record<'failed', string>;
  update: Record<'failed' | 'body', string>;
}

export const DESKTOP_WORDS: Readonly<Record<'en' | 'zh-CN', DesktopWords>> = {
  en: {
    tray: {
      show: 'Show Sluice',
      newChat: 'New chat',
      quickQuestion: 'Quick question',
      quit: 'Quit',
      tip: 'Sluice',
    },
    context: {
      learn: 'Add to dictionary',
      noSuggestion: 'No suggestion',
      copyLink: 'Copy link',
      cut: 'Cut',
      copy: 'Copy',
      paste: 'Paste',
      selectAll: 'Select all',
    },
    quit: {
      titleOne: 'An answer is being made.',
      titleMany: '{{count}} answers are being made.',
      body: 'Nothing is lost either way: what has arrived is stored, and waiting messages stay in their queue.',
      finish: 'Finish in the background',
      stop: 'Stop and quit',
      cancel: 'Do not quit',
      remember: 'Do the same next time',
    },
    open: {
      title: 'Open this address outside of Sluice?',
      body: 'It does more than show a page, or hides where it leads.',
      yes: 'Open',
      no: 'Do not open',
    },
    page: {
      crashed: 'The window crashed again.',
      crashedBody: 'Answers go on without it, and what you typed is kept. Reloading may help.',
      hangs: 'The window does not answer.',
      hangsBody: 'Answers go on without it, and what you typed is kept. You can wait, or load it anew.',
      reload: 'Reload',
      wait: 'Wait',
      close: 'Close the window',
    },
    crash: {
      title: 'Sluice ended unexpectedly',
      body: 'What was stored is safe. After the restart, Settings → Diagnostics shows what is known of it.',
      restart: 'Restart',
      quit: 'Quit',
    },
    file: { failed: 'The file could not be opened' },
    update: {
      failed: 'The update was not installed',
      body: 'Sluice starts again as it was. Your conversations are untouched.',
    },
  },
  'zh-CN': {
    tray: { show: '显示 Sluice', newChat: '新对话', quickQuestion: '快速提问', quit: '退出', tip: 'Sluice' },
    context: {
      learn: '添加到词典',
      noSuggestion: '没有建议',
      copyLink: '复制链接',
      cut: '剪切',
      copy: '复制',
      paste: '粘贴',
      selectAll: '全选',
    },
    quit: {
      titleOne: '有一个回答正在生成。',
      titleMany: '有 {{count}} 个回答正在生成。',
      body: '两种方式都不会丢失内容：已收到的内容已保存，等待中的消息留在队列里。',
      finish: '在后台完成',
      stop: '停止并退出',
      cancel: '不退出',
      remember: '下次照此处理',
    },
    open: {
      title: '在 Sluice 之外打开此地址？',
      body: '它不只是显示一个网页，或者隐藏了它的去向。',
      yes: '打开',
      no: '不打开',
    },
    page: {
      crashed: '窗口再次崩溃了。',
      crashedBody: '回答会继续生成，你输入的内容也已保留。重新加载也许有用。',
      hangs: '窗口没有响应。',
      hangsBody: '回答会继续生成，你输入的内容也已保留。你可以等待，也可以重新加载。',
      reload: '重新加载',
      wait: '等待',
      close: '关闭窗口',
    },
    crash: {
      title: 'Sluice 意外结束',
      body: '已保存的内容是安全的。重新启动后，可在“设置 → 诊断”中查看已知的情况。',
      restart: '重新启动',
      quit: '退出',
    },
    file: { failed: '无法打开此文件' },
    update: { failed: '更新未安装', body: 'Sluice 将以原来的版本重新启动，你的对话没有改动。' },
  },
};
