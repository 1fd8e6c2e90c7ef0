import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from '#contract/message';
import { estimateTokens } from '#contract/token-estimate';
import { AppFailure } from '../platform/app-failure.ts';
import { compressContext } from './compress-context.ts';
import { hardLimit, triggerLimit } from './compression-limits.ts';
import type { CompressionResult, ContextInput } from './compression-types.ts';
import { planCompression } from './plan-compression.ts';
import { afterwards, fakePorts, inputOf, row, sentTokens, sizedRow, toolGroup } from './testing/conversation.ts';

type Turn = (id: string) => Message[];

const tokens = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 5, max: 400 }) },
  fc.integer({ min: 400, max: 9000 }),
);
const turn: fc.Arbitrary<Turn> = fc.oneof(
  tokens.map(
    (count): Turn =>
      (id) => [sizedRow('user', id, count)],
  ),
  tokens.map(
    (count): Turn =>
      (id) => [sizedRow('assistant', id, count)],
  ),
  fc.tuple(fc.integer({ min: 1, max: 5 }), tokens).map(
    ([results, count]): Turn =>
      (id) =>
        toolGroup(id, results, 'data '.repeat(count)),
  ),
  fc.constant<Turn>((id) => [row('system', id)]),
  tokens.map(
    (count): Turn =>
      (id) => [row('tool', id, { tool_name: 'lent', content: '数'.repeat(count) })],
  ),
);

/** Short ones, and long ones that repeat a part. */
const conversation = fc
  .tuple(fc.array(turn, { maxLength: 30 }), fc.integer({ min: 1, max: 8 }))
  .map(([turns, times]) =>
    Array.from({ length: times }, (_, round) => turns.flatMap((make, at) => make(`${round}-${at}`))).flat(),
  );

const answers = fc.constantFrom('short', 'sections', 'empty', 'endless', 'throws');

const situation = fc
  .record({
    rows: conversation,
    grown: fc.array(turn, { maxLength: 40 }),
    windowTokens: fc.constantFrom(1000, 4000, 8000, 32_000, 128_000),
    fixedTokens: fc.integer({ min: 0, max: 5000 }),
    /** With 0 the message to be answered is the newest of the rows. */
    inputTokens: fc.constantFrom(0, 0, 50, 2000),
    pins: fc.array(fc.nat(200), { maxLength: 4 }),
    settings: fc.record({
      enabled: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
      threshold: fc.constantFrom(0.05, 0.3, 0.5, 0.95),
      maxMessages: fc.constantFrom(0, 10, 200),
      tailMessages: fc.constantFrom(0, 5, 20),
      headMessages: fc.integer({ min: 0, max: 3 }),
    }),
    force: fc.boolean(),
    answer: answers,
  })
  .map(({ pins, rows, fixedTokens, inputTokens, ...rest }) => {
    const pinnedIds = new Set(pins.flatMap((at) => rows[at]?.id ?? []));
    return { ...rest, rows, pinnedIds, fixed: { system: fixedTokens, tools: 0, input: inputTokens } };
  });

function portsThat(answer: string) {
  return fakePorts(({ maxTokens }) => {
    switch (answer) {
      case 'short':
        return 'None.';
      case 'sections':
        return 'w'.repeat(Math.floor(maxTokens * 2.5));
      case 'empty':
        return '';
      case 'endless':
        return 'w'.repeat(maxTokens * 8);
      default:
        throw new AppFailure('timeout', 'The summary took too long.');
    }
  });
}

/** A call without its result, or a result whose call was there and is gone. */
function partedCalls(sent: readonly Message[], stored: readonly Message[]): string[] {
  const callsIn = (rows: readonly Message[]) =>
    new Set(rows.flatMap((one) => one.tool_calls ?? []).map((one) => one.id));
  const resultsIn = new Set(sent.flatMap((one) => one.tool_call_id ?? []));
  const calls = callsIn(sent);
  const known = callsIn(stored);
  return [
    ...[...calls].filter((id) => !resultsIn.has(id)),
    ...[...resultsIn].filter((id) => known.has(id) && !calls.has(id)),
  ];
}

/** The message to be answered, where it is one of the rows. */
function newestOf(input: ContextInput): Message | undefined {
  return input.fixed.input > 0 ? undefined : input.rows.findLast((one) => one.role === 'user');
}

function floorOf(input: ContextInput): number {
  const lastUser = newestOf(input);
  return sentTokens(
    input,
    input.rows.filter((one) => one === lastUser || input.pinnedIds.has(one.id)),
  );
}

/** Everything that holds for any request, whatever was done for it. */
function checkResult(input: ContextInput, result: CompressionResult): void {
  const sent = sentTokens(input, result.rows);
  expect(sent).toBeLessThanOrEqual(hardLimit(input.windowTokens));
  // A pinned row takes the rest of its group along, which may keep the threshold from being met.
  const isPartlyPinned = input.rows.some((one) => input.pinnedIds.has(one.id) && one.role !== 'user');
  if (!isPartlyPinned) expect(sent).toBeLessThanOrEqual(triggerLimit(input.settings, input, floorOf(input)));
  expect(partedCalls(result.rows, input.rows)).toEqual([]);
  const lastUser = newestOf(input);
  if (lastUser !== undefined) expect(result.rows).toContain(lastUser);
  for (const one of input.rows) if (input.pinnedIds.has(one.id)) expect(result.rows).toContain(one);
  const places = result.rows.flatMap((one) => {
    const at = input.rows.findIndex((stored) => stored.id === one.id);
    return at === -1 ? [] : [at];
  });
  expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
}

async function run(input: ContextInput, answer: string) {
  const ports = portsThat(answer);
  const result = await compressContext(input, ports, new AbortController().signal).catch((thrown: unknown) => {
    if (thrown instanceof AppFailure && thrown.code === 'context_window_too_small') return null;
    throw thrown;
  });
  expect(ports.requests.length).toBeLessThanOrEqual(1);
  expect(ports.begun.length).toBe(ports.requests.length);
  for (const { system, prompt, maxTokens } of ports.requests) {
    expect(estimateTokens(system) + estimateTokens(prompt) + maxTokens).toBeLessThanOrEqual(input.windowTokens);
  }
  return { result, calls: ports.requests.length };
}

const figures = { full: 0, incremental: 0, failed: 0, pruned: 0, small: 0 };

it('[E7-02] [E7-05] [E7-07] [E7-08] [BUG-A7] [BUG-A26] [BUG-A27] any conversation fits its window or is said not to, twice in a row', async () => {
  await fc.assert(
    fc.asyncProperty(situation, async ({ grown, answer, settings, ...fields }) => {
      let input = inputOf(fields.rows, { ...fields, settings });
      for (const more of [[], grown]) {
        input = { ...input, rows: [...input.rows, ...more.flatMap((make, at) => make(`later-${at}`))] };
        const { result, calls } = await run(input, answer);
        if (result === null) {
          figures.small++;
          const isNeedy = input.pinnedIds.size > 0;
          if (!isNeedy) expect(floorOf(input)).toBeGreaterThan(hardLimit(input.windowTokens));
          return;
        }
        checkResult(input, result);
        const isGood = answer === 'short' || answer === 'sections';
        if (!isGood) expect(result.snapshot).toBeNull();
        const next = afterwards(input, result);
        if (result.snapshot !== null) {
          if (input.snapshot === null) figures.full++;
          else figures.incremental++;
          const again = planCompression(next);
          expect(again.kind).toBe('assemble');
          expect(again.kind === 'assemble' && again.rows).toEqual(result.rows);
        } else if (result.figures?.error !== undefined) {
          figures.failed++;
          expect(calls).toBe(1);
          expect(['none', 'assemble', 'prune']).toContain(planCompression(next).kind);
        } else if (result.figures !== null) figures.pruned++;
        // One pin is taken off before the conversation goes on, and the wait after a failure may be over.
        const pinnedIds = new Set([...input.pinnedIds].slice(1));
        input = { ...next, pinnedIds, nowMs: input.nowMs + (input.rows.length % 2) * 400_000 };
      }
    }),
    { numRuns: 400 },
  );
  // A generator that no longer reaches one of these ends proves nothing.
  for (const count of Object.values(figures)) expect(count).toBeGreaterThan(5);
}, 120_000);

it('[E7-04] [E7-05] [BUG-A7] [BUG-A14] no message leaves the context unread: it is sent, or a summary in use has read it', async () => {
  const step = fc.record({
    grown: fc.array(fc.constantFrom('user', 'assistant', 'tools'), { minLength: 1, maxLength: 25 }),
    pins: fc.array(fc.nat(80), { maxLength: 3 }),
    headMessages: fc.integer({ min: 0, max: 3 }),
    answer: fc.constantFrom('good', 'good', 'empty', 'throws'),
    force: fc.boolean(),
    removed: fc.constantFrom(0, 0, 0, 1, 30),
  });
  let summaries = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      let rows: Message[] = [];
      let input = inputOf(rows);
      let made = 0;
      const marked = (one: Message): Message => ({ ...one, content: `<${one.id}> ${'word '.repeat(40)}` });
      // What each summary has read, itself or through the one that it extends.
      const readBy = new Map<string, Set<string>>();
      for (const { grown, pins, headMessages, answer, force, removed } of steps) {
        const more = grown.flatMap((kind) => {
          const id = `r${made++}`;
          return kind === 'tools' ? toolGroup(id, 2) : [row(kind === 'user' ? 'user' : 'assistant', id)];
        });
        rows = [...rows.slice(0, Math.max(0, rows.length - removed)), ...more.map(marked)];
        const pinnedIds = new Set(pins.flatMap((at) => rows[at]?.id ?? []));
        const settings = { ...input.settings, headMessages, maxMessages: 12, tailMessages: 5, cooldownMs: 0 };
        input = { ...input, rows, pinnedIds, force, settings };
        const ports = fakePorts(() => {
          if (answer === 'throws') throw new AppFailure('timeout', 'The summary took too long.');
          return answer === 'good' ? 'notes' : '';
        });
        const newId = () => `snap-${++summaries}`;
        const result = await compressContext(input, { ...ports, newId }, new AbortController().signal);
        if (result.snapshot !== null) {
          const [{ prompt = '' } = {}] = ports.requests;
          const read = new Set([...prompt.matchAll(/<(r[^>]+)>/g)].map(([, id = '']) => id));
          const extended = prompt.includes('PREVIOUS CHECKPOINT') ? readBy.get(input.snapshot?.id ?? '') : undefined;
          readBy.set(result.snapshot.id, new Set([...read, ...(extended ?? [])]));
        }
        const used = result.rows.find((one) => one.id.startsWith('summary:'))?.id.slice('summary:'.length) ?? '';
        const known = new Set([...(readBy.get(used) ?? []), ...result.rows.map((one) => one.id)]);
        expect(rows.filter((one) => !known.has(one.id)).map((one) => one.id)).toEqual([]);
        input = afterwards(input, result);
      }
    }),
    { numRuns: 300 },
  );
  expect(summaries).toBeGreaterThan(50);
}, 60_000);
