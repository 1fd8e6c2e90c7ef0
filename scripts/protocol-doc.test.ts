import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '#contract/errors';
import { STATE_EVENTS, TERMINAL_EVENTS } from '#contract/events';
import { MAX_INPUT_CHARS, PAGE_LIMIT } from '#contract/limits';
import { CHAT_ROUTES, routeSchemas } from '#contract/routes.schema';
import { DEFAULT_SETTINGS } from '#contract/settings';
import { SLASH_COMMANDS } from '#contract/slash-commands';
import { EFFORTS, OLDER_EVENT_NAMES, PRESENTATIONAL_FIELDS } from '../src-main/api/chat-run-compat.ts';
import { type Field, readContractShapes } from './contract-shapes.ts';
import { anchorOf, readFields, readSections, type Section, type ToldField } from './protocol-page.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'chat-run-protocol.md'), 'utf8');
const sections = readSections(page);

const names = readContractShapes({
  logged: 'Events.LoggedPayloads',
  direct: 'Events.DirectPayloads',
  answers: 'Answers.SocketAnswers',
});
const namesOf = (group: string) => names.fields(group).map((field) => field.name);

/** Headings of events, with the type that each one tells of. */
const events: Record<string, string> = {
  ...Object.fromEntries(namesOf('logged').map((name) => [`\`${name}\``, `Events.LoggedPayloads['${name}']`])),
  ...Object.fromEntries(namesOf('direct').map((name) => [`\`${name}\``, `Events.DirectPayloads['${name}']`])),
  // One name with another form of its own stands under a heading of its own.
  ...Object.fromEntries(
    namesOf('answers').map((name) => [
      namesOf('logged').includes(name) ? `\`${name}\` (refused)` : `\`${name}\``,
      `Answers.SocketAnswers['${name}']`,
    ]),
  ),
  '`abort.completed` (ignored)': "Omit<Events.AbortIgnoredEvent, keyof Events.Envelope | 'event'>",
  '`Envelope`': 'Events.Envelope',
};

const shapes: Record<string, string> = {
  '`Message`': 'Messages.Message',
  '`ToolCall`': 'Messages.ToolCall',
  '`QueueState`': 'Events.QueueState',
  '`QueuedMessage`': 'Events.QueuedMessage',
  '`Approval`': 'Events.Approval',
  '`Clarification`': 'Events.Clarification',
  '`ConversationVersion`': 'Events.ConversationVersion',
  '`Compaction`': 'Records.Compaction',
  '`Usage`': 'Events.Usage',
  '`RunAck`': 'Routes.RunAck',
  '`AbortAck`': 'Routes.AbortAck',
  '`AppError`': 'Errors.AppError',
  '`ErrorInfo`': 'Errors.ErrorInfo',
  '`RunRecord`': 'Records.RunRecord',
  '`SessionRecord`': 'Records.SessionRecord',
  '`ModelParameters`': 'Parameters.ModelParameters',
  '`RunParameters`': 'Parameters.RunParameters',
};

const requests = Object.fromEntries(CHAT_ROUTES.map((route) => [`\`${route.slice('chat.'.length)}\``, route]));

const contract = readContractShapes({
  ...events,
  ...shapes,
  ...Object.fromEntries(
    Object.entries(requests).map(([name, route]) => [`in ${name}`, `Routes.RouteInput<'${route}'>`]),
  ),
  ...Object.fromEntries(
    Object.entries(requests).map(([name, route]) => [`out ${name}`, `Routes.RouteOutputs['${route}']`]),
  ),
});

function sectionOf(heading: string, chapter?: string): Section {
  const found = sections.filter((known) => known.heading === heading && (chapter ?? known.chapter) === known.chapter);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${heading} stands ${found.length} times on the page.`);
  return found[0];
}

/** The headings of a chapter that name something in code. */
const headingsOf = (chapter: string) =>
  sections
    .filter((section) => section.chapter === chapter && section.heading.startsWith('`'))
    .map(({ heading }) => heading);

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

/** A field of the contract in the page's words; where the page may choose its words, as the page says it. */
function inWords(field: Field, told: ToldField | undefined): ToldField {
  const { name, isOptional, isNullable, kind } = field;
  if (kind === 'object') {
    const saysNull = /\bor null$/.test(told?.type ?? '');
    return {
      name,
      isOptional,
      type: saysNull === isNullable ? (told?.type ?? kind) : `${kind}${isNullable ? ' or null' : ''}`,
    };
  }
  const comma = kind === 'yes or no' ? ',' : '';
  return { name, isOptional, type: isNullable && kind !== 'null' ? `${kind}${comma} or null` : kind };
}

function expectSame(told: readonly ToldField[], fields: readonly Field[]): void {
  const expected = fields.map((field) =>
    inWords(
      field,
      told.find((known) => known.name === field.name),
    ),
  );
  expect([...told].sort(byName)).toEqual(expected.sort(byName));
}

describe('docs/chat-run-protocol.md', () => {
  it('[E1-02] [decision 15] has every request of the protocol and no other', () => {
    expect(headingsOf('Requests').sort()).toEqual(Object.keys(requests).sort());
  });

  it('[E1-02] [decision 16] has every event of the protocol and no other', () => {
    expect(headingsOf('Events').sort()).toEqual(Object.keys(events).sort());
  });

  it('[E1-02] has every shape that it names and no other', () => {
    expect(headingsOf('Shapes').sort()).toEqual(Object.keys(shapes).sort());
  });

  it.each(Object.keys({ ...events, ...shapes }))(
    '[E1-02] tells every field of %s, its type and whether it may be absent',
    (heading) => {
      expectSame(
        readFields(sectionOf(heading, heading in events ? 'Events' : 'Shapes').text),
        contract.fields(heading),
      );
    },
  );

  it.each(Object.keys(requests))('[E1-02] [E1-06] tells every field of the request %s and of its answer', (heading) => {
    const [payload = '', answer = ''] = sectionOf(heading, 'Requests').text.split('**Answer:**');
    expectSame(readFields(payload), contract.fields(`in ${heading}`));
    const referred = [...(answer.split('\n\n')[0] ?? '').matchAll(/\[(`[\w.]+`)\]/g)].flatMap(([, shape = '']) =>
      readFields(sectionOf(shape).text),
    );
    expectSame([...referred, ...readFields(answer)], contract.fields(`out ${heading}`));
  });

  it('[E5-04] names the state events, and [decision 6] the ends of a run', () => {
    const order = sectionOf('Order').text;
    const listed = (from: string) => {
      const sentence = order.slice(order.indexOf(from)).split(/\.(?:\s|$)/)[0] ?? '';
      return [...sentence.matchAll(/`([a-z_]+\.[a-z_]+)`/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => name !== 'resumed.events');
    };
    expect(listed('State events').sort()).toEqual([...STATE_EVENTS].sort());
    expect(listed('A run has exactly one end').sort()).toEqual([...TERMINAL_EVENTS].sort());
  });

  it('[E1-03] lists every error code and no other', () => {
    const codes = [...sectionOf('Errors').text.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
    expect(codes).toEqual([...ERROR_CODES]);
  });

  it('[decision 27] [E3-10] gives the limits as they are', () => {
    const limits = sectionOf('Limits').text;
    for (const figure of [
      MAX_INPUT_CHARS.toLocaleString('en-US'),
      String(PAGE_LIMIT),
      String(DEFAULT_SETTINGS.maxQueuePerSession),
      (8 * 1024 * 1024).toLocaleString('en-US'),
    ]) {
      expect(limits).toContain(figure);
    }
    expect(sectionOf('`resumed`').text).toContain(`| ${PAGE_LIMIT} |`);
  });

  it('[decision 20] names every command, and [E2-19] what older clients say beside a message', () => {
    for (const command of SLASH_COMMANDS) expect(sectionOf('`run`').text).toContain(`\`/${command}\``);
    const older = sectionOf('What an older client may notice').text;
    const dropped = /^\| (`source`[^|]*) \|/m.exec(older)?.[1] ?? '';
    expect(dropped.replaceAll('`', '').split(', ').sort()).toEqual([...PRESENTATIONAL_FIELDS].sort());
    for (const effort of EFFORTS.keys()) expect(older).toContain(`\`${effort}\``);
    for (const name of Object.keys(OLDER_EVENT_NAMES)) expect(older).toContain(`\`${name}\``);
  });

  it('names no event and no route that does not exist', () => {
    const known = new Set([
      ...[...namesOf('logged'), ...namesOf('direct'), ...namesOf('answers')],
      ...Object.keys(routeSchemas),
      ...Object.keys(OLDER_EVENT_NAMES),
      // Said of on purpose: it is not sent.
      'thinking.delta',
      'auth.token',
      'query.profile',
      'resumed.events',
    ]);
    const told = [...page.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, name]) => name ?? '');
    expect(told.filter((name) => !known.has(name))).toEqual([]);
  });

  it('shows examples that have the fields of their event', () => {
    const examples = [...page.matchAll(/```json\n([^]*?)\n```/g)].map(
      ([, text = '']) => JSON.parse(text) as Record<string, unknown>,
    );
    const told = examples.filter((example) => typeof example['event'] === 'string' && 'seq' in example);
    expect(told.length).toBeGreaterThan(3);
    for (const example of told) {
      const fields = [...contract.fields('`Envelope`'), ...contract.fields(`\`${String(example['event'])}\``)];
      const allowed = new Set(['event', ...fields.map((field) => field.name)]);
      expect(
        Object.keys(example).filter((key) => !allowed.has(key)),
        String(example['event']),
      ).toEqual([]);
      const needed = fields.filter((field) => !field.isOptional && !(field.name in example));
      expect(needed, String(example['event'])).toEqual([]);
    }
  });

  it('leads nowhere that does not exist', () => {
    const anchors = new Set(sections.map(({ heading }) => anchorOf(heading)));
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });
});
