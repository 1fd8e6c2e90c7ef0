/** A word of a command, with the names of variables that it takes its text from. */
export interface ShellWord {
  text: string;
  variables: string[];
}

/**
 * Splits a command as a POSIX shell does: quotes, `$'…'`, escapes, comments, lines that go on behind a backslash; also the
 * line ends of Windows' shells (`^` and a backtick), because documentation has them. Only the first command is read: what
 * follows `|`, `;` or `&&` is another one. Variables are put in from `known`; others stay empty and are named. Pure.
 *
 * @returns null for a quote that is never closed: a part of the command is missing.
 */
export function shellWords(command: string, known: ReadonlyMap<string, string> = new Map()): ShellWord[] | null {
  const words: ShellWord[] = [];
  const current: { word: ShellWord | null } = { word: null };
  const begin = (): ShellWord => (current.word ??= { text: '', variables: [] });
  const finish = () => {
    if (current.word !== null) words.push(current.word);
    current.word = null;
  };
  const text = command.replace(/\r\n?/g, '\n');
  let at = 0;

  const variable = (): void => {
    const [whole = '$', braced, bare] = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/.exec(text.slice(at)) ?? [];
    const name = braced ?? bare;
    at += whole.length;
    if (name === undefined) begin().text += '$';
    else if (known.has(name)) begin().text += known.get(name) ?? '';
    else begin().variables.push(name);
  };

  while (at < text.length) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if ((char === '\\' || ((char === '^' || char === '`') && current.word === null)) && next === '\n') {
      at += 2;
    } else if (char === ' ' || char === '\t') {
      finish();
      at++;
    } else if (char === '\n' || char === ';' || char === '|' || char === '&' || char === '>' || char === '<') {
      finish();
      if (words.length > 0) return words;
      at++;
    } else if (char === '#' && current.word === null) {
      while (at < text.length && text.charAt(at) !== '\n') at++;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return null;
      begin().text += text.slice(at + 1, end);
      at = end + 1;
    } else if (char === '$' && next === "'") {
      const read = ansiQuoted(text, at + 2);
      if (read === null) return null;
      begin().text += read.text;
      at = read.end;
    } else if (char === '"') {
      begin();
      at++;
      while (at < text.length && text.charAt(at) !== '"') {
        const inner = text.charAt(at);
        const after = text.charAt(at + 1);
        if (inner === '\\' && '"\\$`\n'.includes(after) && after !== '') {
          begin().text += after === '\n' ? '' : after;
          at += 2;
        } else if (inner === '$') variable();
        else {
          begin().text += inner;
          at++;
        }
      }
      if (at >= text.length) return null;
      at++;
    } else if (char === '\\') {
      begin().text += next;
      at += 2;
    } else if (char === '$') {
      variable();
    } else {
      begin().text += char;
      at++;
    }
  }
  finish();
  return words;
}

const ANSI: Record<string, string> = { n: '\n', t: '\t', r: '\r', "'": "'", '"': '"', '\\': '\\' };

function ansiQuoted(text: string, from: number): { text: string; end: number } | null {
  let out = '';
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "'") return { text: out, end: at + 1 };
    if (char !== '\\') {
      out += char;
      continue;
    }
    const hex = /^\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4}))/.exec(text.slice(at, at + 6));
    if (hex !== null) {
      out += String.fromCharCode(parseInt(hex[1] ?? hex[2] ?? '0', 16));
      at += hex[0].length - 1;
      continue;
    }
    at++;
    out += ANSI[text.charAt(at)] ?? text.charAt(at);
  }
  return null;
}
