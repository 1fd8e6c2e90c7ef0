import { cutText } from '#contract/message';
import { ENGLISH } from './demo-texts-en.ts';
import { CHINESE } from './demo-texts-zh.ts';

/** Whatever the demo says, in one language. Plain about what it is: scripted text, written by people, no model behind it. */
export interface DemoTexts {
  help: string;
  /** @param quoted what was written, on one line and shortened */
  welcome: (quoted: string) => string;
  nothingToEcho: string;
  thoughts: string;
  afterThoughts: string;
  beforeTools: string;
  afterTools: string;
  beforeApproval: string;
  approval: string;
  approved: string;
  denied: string;
  beforeQuestion: string;
  question: string;
  questionChoices: string[];
  /** `{answer}` stands for what was answered. */
  afterQuestion: string;
  afterBusy: string;
  beforeDetails: string;
  afterDetails: string;
  beforeCut: string;
  /** What a message becomes that is put into a running answer. */
  steered: (quoted: string) => string;
  markdown: string;
  /** Said again and again by an answer that takes long; ends as another sentence may follow it. */
  slowSentence: string;
}

export type DemoLanguage = 'en' | 'zh';

const TEXTS: Record<DemoLanguage, DemoTexts> = { en: ENGLISH, zh: CHINESE };

export function demoTexts(language: DemoLanguage): DemoTexts {
  return TEXTS[language];
}

const COMMAND = /^\s*\/[a-z]+/i;
const LETTER = /\p{L}/u;
const HAN = /\p{Script=Han}/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * The language to answer in: that of the newest message that is in one. A command alone is in none. What is not Chinese
 * is answered in English.
 *
 * @param messages what the person wrote, oldest first
 */
export function languageOf(messages: readonly string[]): DemoLanguage {
  const telling = messages.findLast((message) => LETTER.test(message.replace(COMMAND, '')));
  return telling !== undefined && HAN.test(telling) && !KANA.test(telling) ? 'zh' : 'en';
}

const MAX_QUOTED_CHARS = 200;

/** A message on one line, shortened, in quotation marks. */
export function quoted(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  const short = cutText(line, MAX_QUOTED_CHARS);
  return `“${short}${short.length < line.length ? '…' : ''}”`;
}
