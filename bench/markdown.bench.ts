import { MarkdownStream } from '../src-renderer/features/chat/markdown/markdown-stream.ts';
import { median, round } from './processes.ts';

// What reading an answer costs while it is written: 10,000 deltas, and the same again with 20,000. No page is drawn here;
// what would be drawn anew is counted. `joining` is what the engine takes to make one text of the deltas and look at its
// end, which every reader of a growing text pays: it copies the text once a delta. The reader is measured without it.

const COUNTS = [10_000, 20_000] as const;
const TIMES = 3;
/** Twice as much may take 1.3 times twice as long. */
const GOAL_RATIO = 2.6;
const DELTA_CHARS = 48;

const PROSE = 'Words **with** some `code`, a [link](https://example.com/page) and a formula $x^2$ go on and on. ';
const CODE = '```ts\nexport function add(a: number, b: number): number {\n  return a + b; // nothing more\n}\n```\n\n';
const TABLE = '| Name | Size | Note |\n|---|---:|---|\n| one | 1,024 | **first** |\n| two | 2,048 | second |\n\n';
const LIST =
  '1. Apply the migration.\n2. Deploy the worker to *one* pod.\n   - watch `charges.duplicate`\n3. Deploy the rest.\n\n';

const repeat = (text: string, chars: number) => text.repeat(Math.ceil(chars / text.length)).slice(0, chars);

/** Answers by what they are made of; each kind is cut to the same number of deltas. */
const KINDS: Record<string, (chars: number) => string> = {
  mixed: (chars) => repeat(`## A part\n\n${PROSE.repeat(3)}\n\n${CODE}${TABLE}${LIST}`, chars),
  openFence: (chars) => `\`\`\`ts\n${repeat('const value = compute(1, 2, 3); // and so on\n', chars - 6)}`,
  breakless: (chars) => repeat('abcdefghij ', chars),
  oneList: (chars) => repeat(`- ${PROSE}\n`, chars),
  oneTable: (chars) => `| a | b |\n|---|---|\n${repeat('| one cell | **another** cell |\n', chars - 20)}`,
};

interface Measured {
  ms: number;
  /** Blocks that were drawn anew, a delta. */
  drawn: number;
  parsedChars: number;
}

/** The time that this process has worked, in ms: it stays what it is while the machine is busy with other things. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function stream(text: string): Measured {
  const reader = new MarkdownStream();
  let drawn = 0;
  let before: unknown[] = [];
  const startMs = workedMs();
  for (let at = DELTA_CHARS; at < text.length; at += DELTA_CHARS) {
    const { recent, tail } = reader.read(text.slice(0, at), true);
    const now: unknown[] = [...recent, ...tail];
    drawn += now.filter((block, index) => block !== before[index]).length;
    before = now;
  }
  reader.read(text, false);
  return {
    ms: workedMs() - startMs,
    drawn: drawn / (text.length / DELTA_CHARS),
    parsedChars: reader.parsedChars,
  };
}

function join(text: string): number {
  let said = '';
  let seen = 0;
  const startMs = workedMs();
  for (let at = 0; at < text.length; at += DELTA_CHARS) {
    said += text.slice(at, at + DELTA_CHARS);
    seen += said.slice(-1).length;
  }
  if (seen === 0) throw new Error('Nothing was looked at.');
  return workedMs() - startMs;
}

const kinds: Record<string, unknown> = {};
let met = true;
for (const [kind, make] of Object.entries(KINDS)) {
  const samples: [number[], number[]] = [[], []];
  const last: Partial<Measured>[] = [];
  stream(make(COUNTS[0] * 5));
  for (let times = 0; times < TIMES; times++) {
    for (const [index, count] of COUNTS.entries()) {
      const text = make(count * DELTA_CHARS);
      globalThis.gc?.();
      const measured = stream(text);
      samples[index]?.push(measured.ms);
      last[index] = measured;
    }
  }
  const [half, whole] = [median(samples[0]) ?? 0, median(samples[1]) ?? 0];
  const ratio = whole / half;
  met &&= ratio <= GOAL_RATIO;
  kinds[kind] = {
    ms: { '10k': round(half), '20k': round(whole) },
    ratio: round(ratio),
    perDeltaMicroseconds: round((whole / COUNTS[1]) * 1000),
    drawnPerDelta: round(last[1]?.drawn ?? 0),
    parsedPerCharacter: round((last[1]?.parsedChars ?? 0) / (COUNTS[1] * DELTA_CHARS)),
  };
}

const joining = COUNTS.map((count) => round(join(repeat(PROSE, count * DELTA_CHARS))));

/** An answer of a megabyte that is shown again. */
const text = KINDS['mixed']?.(1_000_000) ?? '';
const opened: number[] = [];
for (let times = 0; times < TIMES; times++) {
  const startMs = workedMs();
  new MarkdownStream().read(text, false);
  opened.push(workedMs() - startMs);
}
process.stdout.write(
  `${JSON.stringify({
    name: 'markdown',
    times: TIMES,
    deltaChars: DELTA_CHARS,
    goal: { ratio: GOAL_RATIO },
    kinds,
    joiningMs: { '10k': joining[0], '20k': joining[1] },
    megabyteAtOnceMs: round(median(opened) ?? 0),
    met,
  })}\n`,
);
