export interface SseFrame {
  /** The name of the `event` field, null where there was none. */
  event: string | null;
  data: string;
  /** The `id` of this frame, null where it had none. */
  id: string | null;
}

export interface SsePush {
  frames: SseFrame[];
  /** A frame outgrew its cap. The parser takes nothing more after that. */
  overflow: boolean;
}

/** Room for a large tool result in one frame; a line without an end stops here instead of filling the memory. */
export const MAX_FRAME_CHARS = 4 * 1024 * 1024;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Server-sent events from bytes, whatever the cuts: any chunking, CR, LF or CRLF, halves of a character. Follows the
 * parsing rules of the HTML standard, section 9.2.6 (read 2026-11); an unfinished frame at the end is dropped.
 */
export class SseParser {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #maxFrameChars: number;
  #line = '';
  #data: string[] = [];
  #dataChars = 0;
  #event: string | null = null;
  #id: string | null = null;
  #isFirst = true;
  #skipLineFeed = false;
  #overflow = false;
  #comments = 0;

  constructor(maxFrameChars = MAX_FRAME_CHARS) {
    this.#maxFrameChars = maxFrameChars;
  }

  /** Comment lines so far: signs of life without content. */
  get comments(): number {
    return this.#comments;
  }

  /** Takes the next bytes and returns the frames that they complete. */
  push(bytes: Uint8Array): SsePush {
    if (this.#overflow) return { frames: [], overflow: true };
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#isFirst && text !== '') {
      this.#isFirst = false;
      if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    }
    const frames: SseFrame[] = [];
    let start = 0;
    if (this.#skipLineFeed && text !== '') {
      this.#skipLineFeed = false;
      if (text.startsWith('\n')) start = 1;
    }
    let lineFeed = text.indexOf('\n', start);
    let carriageReturn = text.indexOf('\r', start);
    while (lineFeed >= 0 || carriageReturn >= 0) {
      const isReturn = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed);
      const end = isReturn ? carriageReturn : lineFeed;
      this.#takeLine(this.#line + text.slice(start, end), frames);
      this.#line = '';
      start = end + 1;
      if (isReturn) {
        // CRLF is one line end, also when the cut falls between the two.
        if (start === text.length) this.#skipLineFeed = true;
        else if (text[start] === '\n') start++;
        carriageReturn = text.indexOf('\r', start);
      }
      if (lineFeed >= 0 && lineFeed < start) lineFeed = text.indexOf('\n', start);
    }
    this.#line += text.slice(start);
    if (this.#dataChars + this.#line.length > this.#maxFrameChars) {
      this.#overflow = true;
      this.#line = '';
      this.#data = [];
    }
    return { frames, overflow: this.#overflow };
  }

  #takeLine(line: string, frames: SseFrame[]): void {
    if (line === '') {
      if (this.#data.length > 0) frames.push({ event: this.#event, data: this.#data.join('\n'), id: this.#id });
      this.#data = [];
      this.#dataChars = 0;
      this.#event = null;
      this.#id = null;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      this.#comments++;
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (field) {
      case 'data':
        this.#data.push(value);
        this.#dataChars += value.length + 1;
        return;
      case 'event':
        this.#event = value === '' ? null : value;
        return;
      case 'id':
        if (!value.includes('\0')) this.#id = value;
        return;
      default:
        // `retry` is about reconnecting, which nobody here does; unknown fields are to be ignored.
        return;
    }
  }
}

/** Names under which a provider's own parts travel; a frame of another name is somebody's extra. */
const OWN_EVENTS: ReadonlySet<string> = new Set(['', 'message', 'error']);

/**
 * Whether a frame says nothing: an empty keep-alive, a bare `null`, or text under a name that is not the protocol's.
 * Proxies send such frames into good streams.
 */
export function isIdleFrame(frame: SseFrame): boolean {
  const data = frame.data.trim();
  if (data === '' || data === 'null') return true;
  return !OWN_EVENTS.has(frame.event ?? '') && !data.startsWith('{');
}
