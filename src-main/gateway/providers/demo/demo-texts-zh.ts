import { ARABIC, FORMULA, pythonSample } from './demo-samples.ts';
import type { DemoTexts } from './demo-texts.ts';

const COMMANDS = `- \`/slow\`：持续一分钟的慢速文字；可以按“停止”，可以再发消息排队，也可以在回答中途插话
- \`/think\`：先思考，再回答
- \`/tools\`：两个工具调用同时进行
- \`/details\`：到最后才给出参数和输出的工具调用
- \`/approve\`：先征得你的许可，再继续
- \`/clarify\`：向你提问，并给出可选的答案
- \`/busy\`：开头不接受请求，会再次请求，直到接受为止
- \`/long 5000\`：这么多字，用来看长回答，或者填满上下文
- \`/markdown\`：标题、列表、表格和代码
- \`/fail auth\`：一次失败；还有 \`rate\`、\`overload\`、\`server\` 和 \`cut\`
- \`/echo 一些文字\`：原样说回来`;

const MARKDOWN = String.raw`# Markdown

一段文字，有**粗体**、*斜体*、~~删除线~~、\`代码\`和[链接](https://example.com)。直接写出的地址也可以：https://example.com/docs 。还有一条注释。[^1]

## 列表

1. 第一项
2. 第二项
   - 下一级
   - 再一项
3. 第三项

- [x] 已完成的任务
- [ ] 未完成的任务

## 表格

| 单位 | 符号 | 字节数 | 说明 |
|---|:---:|---:|---|
| 千字节 | KiB | 1,024 | 二的十次方 |
| 兆字节 | MiB | 1,048,576 | 二的二十次方 |
| 吉字节 | GiB | 1,073,741,824 | 二的三十次方 |

## 代码

\`\`\`ts
// 有礼貌地打招呼。
export function greet(name: string, times = 1): string {
  return \`你好，\${name}！\`.repeat(times);
}
\`\`\`

\`\`\`python
${pythonSample('不超过上限的所有质数。')}
\`\`\`

## 数学

价格从 $20 降到了 $15，而 $e^{i\pi} + 1 = 0$ 依然成立：

$$
${FORMULA}
$$

## 图

\`\`\`mermaid
flowchart LR
  A[消息] --> B{正忙？}
  B -- 是 --> C[队列]
  B -- 否 --> D[运行]
  C --> D
  D --> E((回答))
\`\`\`

## 其他

${ARABIC}

![一张港口的地图](https://images.example/harbour.png)

网页标记，例如 <b onclick="alert(1)">这里</b>，按原样显示。

---

> 最后是一段引文。
>
> > 引文里还有引文。

[^1]: 注释显示在写下它的地方。
`
  .replaceAll('\\`', '`')
  .replaceAll('\\$', '$');

export const CHINESE: DemoTexts = {
  help: `这是 Sluice 的内置演示。它在应用内部运行：不用密钥，不用网络，也没有模型。回答是事先写好的，但传送的方式是真的：和模型的回答一样，经过同样的队列、停止、保存和重放。

${COMMANDS}

看够以后，请在设置中添加一个配置，接入你自己的上游。`,
  welcome: (
    quoted,
  ) => `你好！我是 Sluice 的内置演示：事先写好的文字，不是模型，所以无法回答问题。你写的内容不会离开这台电脑。

你写的是：${quoted}

可以在这里试试：

${COMMANDS}

想要真正的回答，请在设置中添加一个配置，接入你自己的上游。`,
  nothingToEcho: '没有可以说回来的内容。',
  thoughts:
    '这条消息想看思考过程。演示自己不会思考，所以这里是事先写好的替代：先看问的是什么，再列出已知的内容，然后选择回答。界面应当把这一部分和回答分开显示，并在回答开始时把它折叠起来。',
  afterThoughts:
    '刚才是思考部分，和这段回答分开显示。会说出思考过程的模型看起来也是这样；旁边的时间从第一个字算到最后一个字。',
  beforeTools: '有两件事要查，同时进行。\n\n',
  afterTools:
    '两个调用都完成了。它们同时进行，每个结果都回到了自己的调用。这些数字是事先写好的：没有询问天气服务，也没有读取文件。',
  beforeApproval: '继续之前需要你来决定。在你选择之前，什么都不会发生。\n\n',
  approval: '删除文件夹 build/（只是演示）',
  approved: '谢谢。演示的命令已经“执行”；这台电脑上什么都没有改变。',
  denied: '明白了：命令没有执行。',
  beforeQuestion: '继续之前，有一件事要先弄清楚。\n\n',
  question: '指的是两个文件夹中的哪一个？',
  questionChoices: ['notes/2025', 'notes/2026'],
  afterQuestion: '你的回答是“{answer}”。真正的智能体会据此继续；这一个没有更多要说的了。',
  afterBusy: '终于接受了。前两次请求被拒绝，Sluice 每次都多等一会儿，而没有让你的消息失败。',
  beforeDetails: '有些上游只会传来正在运行的工具的名称。\n\n',
  afterDetails: '工具得到了什么、返回了什么，在结束之后才到，来自这类上游保存的记录。展开这个调用就能看到。',
  beforeCut: '这句话刚刚开始，然后',
  steered: (quoted) => `\n\n你的消息在回答中途到了：${quoted}。真正的智能体现在会调整方向。\n\n`,
  markdown: MARKDOWN,
  slowSentence: '这段回答不慌不忙，一个字接着一个字，好让你有东西可以停止、可以在后面排队、也可以回头再看。',
};
