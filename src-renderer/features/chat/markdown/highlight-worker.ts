import { createHighlighterCore, type HighlighterCore, type ThemeRegistration } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { GRAMMARS } from './grammars.ts';
import {
  type HighlightAnswer,
  type HighlightedLine,
  type HighlightRequest,
  TOKEN_KINDS,
} from './highlight-protocol.ts';
import type { Language } from './languages.ts';

// Runs in a worker: reads code into kinds of tokens. The regular expressions of the grammars are turned into the
// browser's own, so that neither WebAssembly nor eval is needed and the page's policy stays as it is.

/** A longer line stays plain. */
const MOST_LINE_CHARS = 2000;
/**
 * No limit a line: the first line of a language pays for its grammar, and a line that is cut short gets wrong colours. Who
 * asks gives up on the whole block instead.
 */
const MOST_LINE_MS = 0;

/** Kinds stand in for colours: the page has its own, two muted hues and weight. */
const color = (kind: (typeof TOKEN_KINDS)[number]) => `#00000${TOKEN_KINDS.indexOf(kind)}`;

const THEME: ThemeRegistration = {
  name: 'kinds',
  type: 'light',
  colors: { 'editor.foreground': color('plain'), 'editor.background': '#ffffff' },
  tokenColors: [
    {
      scope: ['keyword', 'storage', 'entity.name.tag', 'markup.heading', 'support.type.property-name.css'],
      settings: { foreground: color('key') },
    },
    {
      scope: ['keyword.operator', 'storage.type.function.arrow', 'keyword.other.unit'],
      settings: { foreground: color('plain') },
    },
    {
      scope: ['keyword.operator.new', 'keyword.operator.expression', 'keyword.operator.logical.python'],
      settings: { foreground: color('key') },
    },
    { scope: ['string', 'markup.inline.raw', 'constant.character.escape'], settings: { foreground: color('str') } },
    {
      scope: ['meta.template.expression', 'meta.embedded', 'punctuation.definition.template-expression'],
      settings: { foreground: color('plain') },
    },
    {
      scope: ['constant.numeric', 'constant.language', 'constant.other.color', 'keyword.other.unit'],
      settings: { foreground: color('num') },
    },
    { scope: ['comment', 'punctuation.definition.comment'], settings: { foreground: color('com') } },
    { scope: ['markup.inserted'], settings: { foreground: color('ins') } },
    { scope: ['markup.deleted'], settings: { foreground: color('del') } },
  ],
};

let started: Promise<HighlighterCore> | null = null;
const languages = new Map<Language, Promise<void>>();

function start(): Promise<HighlighterCore> {
  started ??= createHighlighterCore({
    themes: [THEME],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return started;
}

function load(highlighter: HighlighterCore, language: Language): Promise<void> {
  let loading = languages.get(language);
  if (loading === undefined) {
    loading = GRAMMARS[language]().then((grammar) => highlighter.loadLanguage(grammar.default));
    languages.set(language, loading);
  }
  return loading;
}

async function highlight({ language, code }: HighlightRequest): Promise<HighlightedLine[]> {
  const highlighter = await start();
  await load(highlighter, language);
  const lines = highlighter.codeToTokensBase(code, {
    lang: language,
    theme: THEME.name ?? '',
    tokenizeMaxLineLength: MOST_LINE_CHARS,
    tokenizeTimeLimit: MOST_LINE_MS,
  });
  return lines.map((line) =>
    line.flatMap((token) => {
      const kind = Number.parseInt(token.color?.slice(1) ?? '0', 16);
      return [kind < TOKEN_KINDS.length ? kind : 0, token.content.length];
    }),
  );
}

addEventListener('message', (event: MessageEvent<HighlightRequest>) => {
  const { id } = event.data;
  const answer = (lines: HighlightedLine[] | null) => postMessage({ id, lines } satisfies HighlightAnswer);
  // Code without colours is as good to read: a grammar that fails costs its own block only.
  highlight(event.data).then(answer, () => answer(null));
});
