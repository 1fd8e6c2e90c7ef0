import { ARABIC, FORMULA, pythonSample } from './demo-samples.ts';
import type { DemoTexts } from './demo-texts.ts';

const COMMANDS = `- \`/slow\`: a minute of slow text; press Stop, send more messages to fill the queue, or steer one into the answer
- \`/think\`: reasoning first, then the answer
- \`/tools\`: two tool calls side by side
- \`/details\`: a tool call whose arguments and output are told only at the end
- \`/approve\`: asks for your permission before it goes on
- \`/clarify\`: asks you a question with answers to choose from
- \`/busy\`: takes nothing at first, and is asked again until it does
- \`/long 5000\`: that many words, to see a long answer or to fill the context
- \`/markdown\`: headings, a list, a table and code
- \`/fail auth\`: a failure; also \`rate\`, \`overload\`, \`server\` and \`cut\`
- \`/echo some text\`: says it back`;

const MARKDOWN = String.raw`# Markdown

A paragraph with **bold**, *italic*, ~~struck out~~, \`code\` and a [link](https://example.com). A bare address works, too: https://example.com/docs. And a remark.[^1]

## Lists

1. First
2. Second
   - nested
   - again
3. Third

- [x] a task that is done
- [ ] one that is not

## A table

| Unit | Symbol | In bytes | In words |
|---|:---:|---:|---|
| kibibyte | KiB | 1,024 | two to the power of ten |
| mebibyte | MiB | 1,048,576 | two to the power of twenty |
| gibibyte | GiB | 1,073,741,824 | two to the power of thirty |

## Code

\`\`\`ts
// Says hello, politely.
export function greet(name: string, times = 1): string {
  return \`Hello, \${name}! \`.repeat(times).trim();
}
\`\`\`

\`\`\`python
${pythonSample('All primes up to a limit.')}
\`\`\`

## Mathematics

The price fell from $20 to $15, and $e^{i\pi} + 1 = 0$ stays true:

$$
${FORMULA}
$$

## A diagram

\`\`\`mermaid
flowchart LR
  A[Message] --> B{Busy?}
  B -- yes --> C[Queue]
  B -- no --> D[Run]
  C --> D
  D --> E((Answer))
\`\`\`

## And the rest

${ARABIC}

![A map of the harbour](https://images.example/harbour.png)

Markup of a page, such as <b onclick="alert(1)">this</b>, is shown as it is written.

---

> A quotation, to finish with.
>
> > And one within it.

[^1]: A note stands where it was written.
`
  .replaceAll('\\`', '`')
  .replaceAll('\\$', '$');

export const ENGLISH: DemoTexts = {
  help: `This is Sluice's built-in demo. It runs inside the application: no key, no network, no model. Its answers are scripted, but the way they travel is real: the same queue, Stop, storage and replay that a model's answers get.

${COMMANDS}

When you have seen enough, add a profile with your own upstream in the settings.`,
  welcome: (
    quoted,
  ) => `Hello! I am Sluice's built-in demo: scripted text, not a model, so I cannot answer questions. Nothing that you write leaves this computer.

You wrote ${quoted}.

Things to try here:

${COMMANDS}

For real answers, add a profile with your own upstream in the settings.`,
  nothingToEcho: 'There was nothing to say back.',
  thoughts:
    'The message asks to see reasoning. A demo has none of its own, so this is a scripted stand-in: first look at what was asked, then list what is known, then choose an answer. The view should show this part apart from the answer, and fold it away once the answer begins.',
  afterThoughts:
    'That was the reasoning part, shown apart from this answer. With a model that thinks aloud it looks the same; the time beside it is measured from its first word to its last.',
  beforeTools: 'Two things have to be looked up; both at once.\n\n',
  afterTools:
    'Both calls are done. They ran side by side, and each result went to its own call. The figures are scripted: no weather service was asked and no file was read.',
  beforeApproval: 'Before I go on I need your decision. Nothing happens until you choose.\n\n',
  approval: 'Delete the folder build/ (pretended)',
  approved: 'Thank you. The pretended command has run; nothing on this computer was changed.',
  denied: 'Understood: the command was not run.',
  beforeQuestion: 'One thing has to be known before this can go on.\n\n',
  question: 'Which of the two folders is meant?',
  questionChoices: ['notes/2025', 'notes/2026'],
  afterQuestion: 'You answered “{answer}”. A real agent would go on with that; this one has nothing left to say.',
  afterBusy:
    'Taken at last. The first two tries were refused, and Sluice waited a little longer each time instead of failing your message.',
  beforeDetails: 'Some upstreams stream only the name of a tool that runs.\n\n',
  afterDetails:
    'What the tool was given and what it gave back came after the end, from the transcript that such an upstream keeps. Unfold the call to see it.',
  beforeCut: 'This sentence begins and then',
  steered: (quoted) =>
    `\n\nYour message arrived in the middle of this answer: ${quoted}. A real agent would change its course now.\n\n`,
  markdown: MARKDOWN,
  slowSentence:
    'This answer takes its time, one word after the other, so that there is something to stop, to queue behind and to come back to. ',
};
