/** Sections that a compaction prompt asks for (spec A.12). Enough of them at once is no ordinary message. */
const SECTIONS = [
  'Active Task',
  'Goal',
  'Constraints & Preferences',
  'Completed Actions',
  'Active State',
  'In Progress',
  'Blocked',
  'Key Decisions',
  'Resolved Questions',
  'Pending User Asks',
  'Relevant Files',
  'Remaining Work',
  'Critical Context',
];
const MIN_SECTIONS = 4;
const MAX_LINES = 12;
const MAX_LINE_CHARS = 160;

/** Whether a message is Sluice's own request to compact a conversation, so that compaction can be tried in the demo. */
export function isSummaryRequest(input: string): boolean {
  return SECTIONS.filter((section) => input.includes(section)).length >= MIN_SECTIONS;
}

/** An extract of the last turns under the sections asked for. It says that it is an extract, not a summary by a model. */
export function summarize(input: string): string {
  const turns = input
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(user|assistant|tool)\b[^:]{0,40}:/i.test(line))
    .map((line) => (line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line));
  const task = turns.findLast((line) => /^user/i.test(line))?.replace(/^user[^:]*:\s*/i, '') ?? 'None.';
  const kept = turns.slice(-MAX_LINES).map((line, index) => `${index + 1}. ${line}`);
  return [
    '## Active Task',
    task,
    '',
    '## Completed Actions',
    kept.length === 0 ? 'None.' : kept.join('\n'),
    '',
    '## Critical Context',
    'This is an extract by the built-in demo, not a summary by a model.',
  ].join('\n');
}
