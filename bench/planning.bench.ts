import { emptyMessage, type Message } from '#contract/message';
import { type ContextInput, DEFAULT_COMPRESSION_SETTINGS } from '../src-main/compressor/compression-types.ts';
import { planCompression } from '../src-main/compressor/plan-compression.ts';
import { signSource } from '../src-main/compressor/snapshot-source.ts';
import { median, round } from './processes.ts';

// Deciding what is sent of a conversation of 5,000 messages and 2 million tokens whose counts are known: where nothing is to
// be done, where a first summary is due, and where one stands for most of it and is checked against its messages or already
// was. The floor adds up the counts.

const MESSAGES = 5000;
const TOKENS_A_MESSAGE = 400;
const TIMES = 40;
const WARM_UP = 10;
const GOAL_MS = 10;
const COVERED = 4800;

const words = Array.from({ length: 97 }, (_, at) => `word${at}`);
const rows: Message[] = Array.from({ length: MESSAGES }, (_, at) => ({
  ...emptyMessage({
    id: `m${at}`,
    session_id: 's',
    run_id: `r${at >> 1}`,
    role: at % 2 === 0 ? 'user' : 'assistant',
    created_at_ms: at,
  }),
  content: Array.from({ length: 300 }, (_, word) => words[(at * 31 + word * 7) % words.length]).join(' '),
}));
const pinnedIds = new Set(rows.filter((_, at) => at % 500 === 250).map((row) => row.id));

const base: ContextInput = {
  rows,
  tokensOf: () => TOKENS_A_MESSAGE,
  fixed: { system: 500, tools: 0, input: 200 },
  windowTokens: 200_000,
  settings: DEFAULT_COMPRESSION_SETTINGS,
  snapshot: null,
  pinnedIds,
  lastFailureAtMs: null,
  nowMs: 0,
  force: false,
};
const leftOut = rows.flatMap((row, at) => (at < COVERED && pinnedIds.has(row.id) ? [at, at + 1] : []));
const kept = { leftOut, opener: null };
const snapshot = {
  id: 'c',
  summary: 'They spoke of words.',
  lastMessageId: `m${COVERED - 1}`,
  messageCount: COVERED,
  sourceHash: signSource(rows, COVERED, kept),
  tokens: 100,
};
const roomy = { ...base, windowTokens: 20_000_000, settings: { ...base.settings, maxMessages: 0 } };
const cases: Record<string, { input: ContextInput; kind: string }> = {
  'nothing to do': { input: roomy, kind: 'none' },
  'a first summary': { input: base, kind: 'full' },
  'behind a summary, checked now': { input: { ...roomy, snapshot }, kind: 'assemble' },
  'behind a summary that was checked': {
    input: { ...roomy, snapshot, coverage: { covered: COVERED, ...kept } },
    kind: 'assemble',
  },
};

function time(work: () => void): { median: number | null; max: number } {
  const samples: number[] = [];
  for (let turn = -WARM_UP; turn < TIMES; turn++) {
    const startMs = performance.now();
    work();
    if (turn >= 0) samples.push(performance.now() - startMs);
  }
  return { median: round(median(samples) ?? Number.NaN, 2), max: round(Math.max(...samples), 2) ?? Number.NaN };
}

const figures = Object.fromEntries(
  Object.entries(cases).map(([name, { input, kind }]) => {
    const decided = planCompression(input).kind;
    if (decided !== kind) throw new Error(`“${name}” became ${decided} instead of ${kind}.`);
    return [name, time(() => void planCompression(input))];
  }),
);
const floor = time(() => void rows.reduce((sum, row) => sum + base.tokensOf(row), 0));
process.stdout.write(
  `${JSON.stringify({
    name: 'planning',
    messages: MESSAGES,
    tokens: MESSAGES * TOKENS_A_MESSAGE,
    goalMs: GOAL_MS,
    planMs: figures,
    floorMs: floor,
    met: Object.values(figures).every(({ median }) => (median ?? GOAL_MS) <= GOAL_MS),
  })}\n`,
);
