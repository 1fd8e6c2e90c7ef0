/** Some lines of code that are drawn together. */
export interface CodeChunk {
  text: string;
  /** False where a line is so long that it goes on in the next chunk. */
  endsLine: boolean;
}

const CHUNK_LINES = 48;
const CHUNK_CHARS = 4096;

/**
 * Parts code into chunks that never change once they are full, so that a line more costs the last chunk only. The same
 * code gives the same chunks, in whatever pieces it comes.
 */
export class CodeChunks {
  #full: CodeChunk[] = [];
  #text = '';
  #lines = 0;

  /** Takes more code; a line that goes on is ended by what comes later. */
  push(code: string): void {
    let from = 0;
    while (from < code.length) {
      const found = code.indexOf('\n', from);
      const end = found < 0 ? code.length : found;
      const room = CHUNK_CHARS - this.#text.length;
      if (end - from > room) {
        const filled = this.#text + code.slice(from, from + room);
        // A character of two halves is not parted: its first half goes on with the line.
        const whole = endsInHalf(filled) ? filled.length - 1 : filled.length;
        this.#text = filled.slice(0, whole);
        this.#close(false);
        this.#text = filled.slice(whole);
        from += room;
        continue;
      }
      this.#text += code.slice(from, end);
      if (found < 0) return;
      from = end + 1;
      this.#lines++;
      if (this.#lines >= CHUNK_LINES || this.#text.length + 1 >= CHUNK_CHARS) this.#close(true);
      else this.#text += '\n';
    }
  }

  /** The chunks so far; full ones keep their identity. */
  chunks(): CodeChunk[] {
    return this.#text === '' ? this.#full : [...this.#full, { text: this.#text, endsLine: false }];
  }

  /** The chunks with more code, of which nothing is kept. */
  with(code: string): CodeChunk[] {
    if (code === '') return this.chunks();
    const more = new CodeChunks();
    more.#full = this.#full.slice();
    more.#text = this.#text;
    more.#lines = this.#lines;
    more.push(code);
    return more.chunks();
  }

  #close(endsLine: boolean): void {
    this.#full = [...this.#full, { text: this.#text, endsLine }];
    this.#text = '';
    this.#lines = 0;
  }
}

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

export function chunkCode(code: string): CodeChunk[] {
  const chunks = new CodeChunks();
  chunks.push(code);
  return chunks.chunks();
}

/** The code as it was written, without the line end after its last line. */
export function codeText(chunks: readonly CodeChunk[]): string {
  let text = '';
  for (const chunk of chunks) text += chunk.text + (chunk.endsLine ? '\n' : '');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
