import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventDraft } from '#contract/events';
import type { Message } from '#contract/message';
import type { ProfileKind } from '#contract/records';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { finish, frame, reasoning, type Step, toolEnd, toolStart, words } from '../../e2e/fake-upstream/script.ts';
import { adapterFor } from '../gateway/providers/registry.ts';
import { contextOf, requestOf } from '../gateway/testing/calls.ts';
import type { UpstreamRun } from '../gateway/upstream-adapter.ts';
import { isUpstreamTerminal } from '../gateway/upstream-event.ts';
import { ManualClock } from '../platform/clock.ts';
import { newFolder, rowsOfDrafts } from '../testing/folded.ts';
import { joinDeltas } from './delta-coalescer.ts';
import { terminalDraft } from './run-outcome.ts';

// One answer of each kind of upstream, from its bytes to the events of the log and the rows that a reader sees, beside
// what it was when a person last looked at it. After a wanted change: UPDATE_GOLDEN=1 npx vitest run golden, then read
// the difference before it is committed.

const FOLDER = join(import.meta.dirname, 'golden');
const USAGE = { input: 120, output: 34 };

/** Hermes names its tools and nothing more, and resends what it thought. */
const HERMES: Step[] = [
  reasoning('The user wants two cities compared. '),
  reasoning('The user wants two cities compared. I look both up.'),
  ...words('Both at once. '),
  toolStart('weather', { preview: 'Lisbon' }),
  toolStart('weather', { preview: 'Porto' }),
  toolEnd('weather', { durationSeconds: 0.5 }),
  toolEnd('weather', { durationSeconds: 0.8, isError: true }),
  ...words('Porto did not answer; once more. '),
  toolStart('weather', { preview: 'Porto' }),
  toolEnd('weather', { durationSeconds: 0.2 }),
  { do: 'reasoningAvailable', text: 'Lisbon is warmer' },
  ...words('Lisbon is warmer: 24° and 19°. ☀️'),
  finish({ usage: USAGE }),
];

/** Whoever calls these protocols runs the tools, so the answer tells of no ends. */
const CHAT: Step[] = [
  reasoning('Two cities. '),
  reasoning('I look both up.'),
  ...words('Both at once. '),
  toolStart('weather', { id: 'call_a', arguments: '{"query":"Lisbon"}' }),
  toolStart('weather', { id: 'call_b', arguments: '{"query":"Porto"}' }),
  ...words('And the map. '),
  toolStart('map', { id: 'call_c', arguments: '{}' }),
  ...words('That is all. ☀️'),
  finish({ usage: USAGE }),
];

/** An agent behind chat completions runs its tools itself and tells of them beside the protocol. */
const AGENT: Step[] = [
  ...words('Looking. '),
  frame({ tool: 'search', toolCallId: 'h1', status: 'running', label: 'weather' }, 'hermes.tool.progress'),
  frame({ tool: 'search', toolCallId: 'h2', status: 'running', label: 'map' }, 'hermes.tool.progress'),
  frame({ tool: 'search', toolCallId: 'h2', status: 'completed' }, 'hermes.tool.progress'),
  frame({ tool: 'search', toolCallId: 'h1', status: 'completed' }, 'hermes.tool.progress'),
  ...words('Found it.'),
  finish({ usage: USAGE }),
];

interface Transcript {
  events: EventDraft[];
  rows: Message[];
}

/** Reads a run to its end and folds it. `tick` moves the time of an upstream that waits for it. */
async function transcriptOf(run: UpstreamRun, tick?: () => void): Promise<Transcript> {
  const folder = newFolder();
  const drafts: EventDraft[] = [];
  let isOver = false;
  const reading = (async () => {
    for await (const batch of run.events) {
      for (const event of batch) {
        if (!isUpstreamTerminal(event)) drafts.push(...folder.fold(event));
        else if (event.type === 'completed') {
          const { finishReason, usage } = event;
          const output = event.output ?? folder.answer;
          const outcome = { kind: 'completed' as const, output, finishReason, usage, hasText: folder.hasText };
          drafts.push(terminalDraft('r', outcome, 0, 'm-end'));
        } else throw new Error(`The run ended otherwise: ${JSON.stringify(event)}`);
      }
    }
  })().finally(() => {
    isOver = true;
  });
  if (tick !== undefined) {
    for (let turn = 0; turn < 100_000 && !isOver; turn++) {
      tick();
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }
  await reading;
  const events = joinDeltas(drafts);
  return { events, rows: rowsOfDrafts(events.slice(0, -1), events.at(-1)) };
}

/** One line an event and one a row: what a difference shows is what changed. */
function render(parts: Record<string, Transcript>): string {
  const line = (value: object) => JSON.stringify(value);
  const shown = (row: Message) => {
    const { session_id: _session, run_id: _run, created_at_ms: _created, timestamp: _timestamp, ...facts } = row;
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== ''));
  };
  return Object.entries(parts)
    .map(([name, { events, rows }]) =>
      [`== ${name}: events`, ...events.map(line), `== ${name}: rows`, ...rows.map((row) => line(shown(row))), ''].join(
        '\n',
      ),
    )
    .join('\n');
}

function expectGolden(kind: ProfileKind, parts: Record<string, Transcript>): void {
  const path = join(FOLDER, `${kind}.txt`);
  const text = render(parts);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text, 'Is this change wanted? Then refresh the file as the top of this test says.').toBe(
    readFileSync(path, 'utf8'),
  );
}

let fake: FakeUpstream;

beforeEach(async () => {
  fake = await FakeUpstream.start();
});

afterEach(() => fake.close());

describe('the transcript of an answer', () => {
  const over = async (kind: ProfileKind, steps: Step[]): Promise<Transcript> => {
    fake.next(steps);
    const context = contextOf(kind, fake.url, { clock: new ManualClock() });
    return transcriptOf(await adapterFor(kind).start(requestOf({ runId: 'r' }), context));
  };

  test('[E2-10] [E2-08] of hermes is the golden one', async () => {
    expectGolden('hermes', { answer: await over('hermes', HERMES) });
  });

  test('[E2-10] [E2-08] of openai-chat is the golden one', async () => {
    expectGolden('openai-chat', { answer: await over('openai-chat', CHAT), agent: await over('openai-chat', AGENT) });
  });

  test('[E2-10] [E2-08] of anthropic is the golden one', async () => {
    expectGolden('anthropic', { answer: await over('anthropic', CHAT) });
  });

  test('[E2-10] [E2-08] of the demo is the golden one', async () => {
    const say = async (content: string): Promise<Transcript> => {
      const clock = new ManualClock();
      const run = await adapterFor('demo').start(
        requestOf({ runId: 'r', input: { content } }),
        contextOf('demo', '', { clock }),
      );
      return transcriptOf(run, () => clock.advance(33));
    };
    expectGolden('demo', { thoughts: await say('/think'), tools: await say('/tools') });
  });
});
