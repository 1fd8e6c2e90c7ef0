import type { AppError } from '#contract/errors';
import type { ToolDetail } from '../../upstream-event.ts';
import type { DemoScript, DemoStep } from './demo-step.ts';
import { type DemoLanguage, type DemoTexts, demoTexts, quoted } from './demo-texts.ts';
import { repeatWords } from './demo-words.ts';
import { isSummaryRequest, summarize } from './summarize.ts';

/** About the pace of a fast model. */
const WORDS_PER_SECOND = 60;
const SLOW_SECONDS = 60;
const SLOW_WORDS_PER_SECOND = 4;
const LONG_WORDS = 2000;
const MAX_LONG_WORDS = 100_000;
/** Two waits are enough to see that the second one is longer. */
const BUSY_TRIES = 2;

const NO_WORDS = { refusal: null, busyTries: 0, details: [] } satisfies Partial<DemoScript>;

/** Decides everything that the demo will say, from the message and the language to answer in. */
export function planDemo(input: string, language: DemoLanguage): DemoScript {
  const texts = demoTexts(language);
  const answer = (steps: DemoStep[], wordsPerSecond = WORDS_PER_SECOND): DemoScript => ({
    ...NO_WORDS,
    language,
    steps,
    wordsPerSecond,
  });
  const command = /^\s*\/([a-z]+)(?:\s+([^]*))?$/i.exec(input);
  const argument = (command?.[2] ?? '').trim();
  switch (command?.[1]?.toLowerCase()) {
    case 'slow':
      return answer(
        [say(repeatWords(texts.slowSentence, SLOW_SECONDS * SLOW_WORDS_PER_SECOND))],
        SLOW_WORDS_PER_SECOND,
      );
    case 'think':
      return answer([{ do: 'think', text: texts.thoughts }, say(texts.afterThoughts)]);
    case 'tools':
      return answer(tools(texts));
    case 'long':
      return answer([say(repeatWords(texts.slowSentence, longCount(argument)))], WORDS_PER_SECOND * 5);
    case 'fail':
      if (argument.toLowerCase() === 'cut') return answer([say(texts.beforeCut), { do: 'fail', error: CUT }]);
      return { ...answer([]), refusal: FAILURES.get(argument.toLowerCase()) ?? SERVER_FAILURE };
    case 'approve':
      return answer([
        say(texts.beforeApproval),
        {
          do: 'ask',
          command: 'rm -r build/',
          description: texts.approval,
          then: { allowed: [say(texts.approved)], denied: [say(texts.denied)] },
        },
      ]);
    case 'clarify':
      return answer([
        say(texts.beforeQuestion),
        { do: 'clarify', question: texts.question, choices: texts.questionChoices, reply: texts.afterQuestion },
      ]);
    case 'busy':
      return { ...answer([say(texts.afterBusy)]), busyTries: BUSY_TRIES };
    case 'details':
      return { ...answer(bareTool(texts)), details: [DETAIL] };
    case 'markdown':
      return answer([say(texts.markdown)]);
    case 'echo':
      return answer([say(argument === '' ? texts.nothingToEcho : argument)]);
    case 'help':
      return answer([say(texts.help)]);
    default:
      return answer([say(isSummaryRequest(input) ? summarize(input) : texts.welcome(quoted(input)))]);
  }
}

function say(text: string): DemoStep {
  return { do: 'say', text };
}

function longCount(argument: string): number {
  const count = /^\d+$/.test(argument) ? Number(argument) : LONG_WORDS;
  return Math.min(Math.max(1, count), MAX_LONG_WORDS);
}

function tools(texts: DemoTexts): DemoStep[] {
  return [
    say(texts.beforeTools),
    { do: 'tool-start', callId: 'demo_1', name: 'weather', arguments: '{"city":"Lisbon","days":1}' },
    { do: 'tool-start', callId: 'demo_2', name: 'read_file', arguments: '{"path":"notes/packing-list.md"}' },
    { do: 'pause', ms: 400 },
    { do: 'tool-end', callId: 'demo_2', name: 'read_file', durationSeconds: 0.4, output: '- umbrella\n- sunglasses' },
    { do: 'pause', ms: 400 },
    { do: 'tool-end', callId: 'demo_1', name: 'weather', durationSeconds: 0.8, output: '{"sky":"clear","high":24}' },
    say(texts.afterTools),
  ];
}

/** A call as upstreams stream it that tell its particulars afterwards. */
function bareTool(texts: DemoTexts): DemoStep[] {
  return [
    say(texts.beforeDetails),
    { do: 'tool-start', callId: null, name: DETAIL.name, arguments: null },
    { do: 'pause', ms: 600 },
    { do: 'tool-end', callId: null, name: DETAIL.name, durationSeconds: 0.6, output: null },
    say(texts.afterDetails),
  ];
}

const DETAIL: ToolDetail = {
  name: 'read_file',
  callId: 'demo_1',
  arguments: '{"path":"notes/packing-list.md"}',
  output: '- umbrella\n- sunglasses',
  isError: false,
};

const CUT: AppError = {
  code: 'upstream_lost',
  message: 'The demo cut its own answer, as a lost connection would. What arrived is kept.',
  retry: { kind: 'user-action', action: 'retry' },
};

const SERVER_FAILURE: AppError = {
  code: 'upstream_error',
  message: 'The demo failed on request, as a server with an error inside would (500). Try again.',
  retry: { kind: 'after', waitMs: 3000 },
  details: { status: 500 },
};

/** What `/busy` answers at first; worded as an upstream with a limit on runs would. */
export const BUSY: AppError = {
  code: 'upstream_rate_limited',
  message: 'The demo takes no more runs just now, on request (429).',
  retry: { kind: 'after', waitMs: 1500 },
  details: { status: 429, retryAfterMs: 1500 },
};

const FAILURES = new Map(
  Object.entries<AppError>({
    auth: {
      code: 'upstream_auth',
      message: 'The demo refused the key on request (401). With a real upstream you would replace the key now.',
      retry: { kind: 'user-action', action: 'replace-key' },
      details: { status: 401 },
    },
    rate: {
      code: 'upstream_rate_limited',
      message: 'The demo takes no more requests for 90 seconds, on request (429).',
      // Longer than anybody is made to wait: it fails at once.
      retry: { kind: 'after', waitMs: 90_000 },
      details: { status: 429, retryAfterMs: 90_000 },
    },
    overload: {
      code: 'upstream_overloaded',
      message: 'The demo is overloaded, on request (503). Try again in a moment.',
      retry: { kind: 'after', waitMs: 10_000 },
      details: { status: 503 },
    },
    server: SERVER_FAILURE,
  }),
);
