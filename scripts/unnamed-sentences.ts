import ts from 'typescript';

/** A sentence in the core's source that has no name, so that no page can say it in another language. */
export interface UnnamedSentence {
  line: number;
  text: string;
}

/**
 * Where the core may write English, and why nobody meets it in a window: what goes to programs, to a model, to a terminal or
 * into a log, and what the page says in words of its own. A file, or a folder with a slash at its end.
 */
export const ENGLISH_IN: Readonly<Record<string, string>> = {
  'src-main/api/model-api/': 'programs read it',
  'src-main/api/runs-api/': 'programs read it',
  'src-main/api/api-door.ts': 'programs read it',
  'src-main/api/broken-request.ts': 'programs read it',
  'src-main/api/chat-run-requests.ts': 'programs read it',
  'src-main/api/chat-run-socket.ts': 'programs read it',
  'src-main/api/http-failure.ts': 'programs read it',
  'src-main/api/description-routes.ts': 'the description of the interface',
  'src-main/api/openapi.ts': 'the description of the interface',
  'src-main/api/reference-page.ts': 'the description of the interface',
  'src-main/api/server-metrics.ts': 'figures for Prometheus',
  'src-main/api/try-local-api.ts': 'a model reads it',
  'src-main/wiring/compose-programs.ts': 'figures for Prometheus',
  'src-main/gateway/relay/': 'programs read it',
  'src-main/gateway/translate/': 'programs read it',
  'src-main/gateway/providers/demo/': 'the demo says it, in the place of a model',
  'src-main/gateway/providers/anthropic/build-request.ts': 'a model reads it',
  'src-main/compressor/summary-prompt.ts': 'a model reads it',
  'src-main/runs/instructions.ts': 'a model reads it',
  'src-main/credentials/secret-keeper.ts': 'the page has words for each case of `standing`',
  'src-main/data/write-export.ts': 'a file beside an export, for whoever opens it anywhere',
  'src-main/diagnostics/': 'a terminal, and a bundle for those who help',
  'src-main/headless-host.ts': 'a terminal',
  'src-main/headless.ts': 'a terminal',
  'src-preload/contract/desktop-words.ts': 'both languages are in it',
  'src-preload/contract/shell-words.ts': 'both languages are in it',
  'src-preload/contract/failure-words.ts': 'the sentences by name',
  'src-preload/contract/words/': 'the sentences by name',
};

/** Which argument of a failure has its words. One that a page shows is made by `failureOf` instead. */
const WORDS_AT: Readonly<Record<string, number>> = { AppFailure: 1, HttpFailure: 2 };
/** What is thrown inside, written to a log, or said of a schema is no sentence for a person. */
const NOT_TOLD = /(^|\.)(logger|log|report)(\.\w+)?$|\.(describe|debug|warn|info|fatal)$/;

/** Whether a path is one where English may be written. @returns the entry, or null. */
export function exemptionOf(path: string): string | null {
  return (
    Object.keys(ENGLISH_IN).find((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry)) ?? null
  );
}

/** The text of a literal, with a digit for every place in it; null for any other node. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `0${span.literal.text}`).join('');
}

function readsAsSentence(text: string): boolean {
  const words = text.match(/\p{L}{2,}/gu) ?? [];
  return (
    /^[\p{Lu}“0]/u.test(text) && /[.?!]$/.test(text.trim()) && words.length >= 3 && !/\b(order by|select)\b/.test(text)
  );
}

/** Whether an expression is written down here, in whatever branches, and not handed over from elsewhere. */
function isWritten(node: ts.Expression): boolean {
  if (ts.isConditionalExpression(node)) return isWritten(node.whenTrue) || isWritten(node.whenFalse);
  if (ts.isBinaryExpression(node)) return isWritten(node.left) || isWritten(node.right);
  if (ts.isParenthesizedExpression(node)) return isWritten(node.expression);
  return textOf(node) !== null;
}

/**
 * Finds what a source file says in English without a name: the words of a failure, whatever they look like, and anything
 * else that reads as a sentence. Comments, errors for programmers and lines of the log are none of it.
 */
export function unnamedSentences(path: string, source: string): UnnamedSentence[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: UnnamedSentence[] = [];
  const note = (node: ts.Node) =>
    found.push({ line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1, text: node.getText() });
  const look = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const name = node.expression.getText();
      const words = Object.hasOwn(WORDS_AT, name) ? node.arguments?.[WORDS_AT[name] ?? 1] : undefined;
      if (words !== undefined && isWritten(words)) {
        note(words);
        return;
      }
      if (name.endsWith('Error')) return;
    }
    if (ts.isCallExpression(node) && NOT_TOLD.test(node.expression.getText())) return;
    const text = textOf(node);
    if (text !== null && readsAsSentence(text)) note(node);
    else ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

/** Every text of a source file, for finding out which names of sentences it uses. */
export function textsIn(path: string, source: string): Set<string> {
  const texts = new Set<string>();
  const look = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.add(node.text);
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true));
  return texts;
}
