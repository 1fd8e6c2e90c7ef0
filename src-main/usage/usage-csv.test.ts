import { describe, expect, it } from 'vitest';
import type { UsageCall } from '#contract/usage-report';
import { csvHead, csvOf } from './usage-csv.ts';

const call = (some: Partial<UsageCall>): UsageCall => ({
  id: 'r#1',
  runId: 'r',
  sessionId: null,
  profile: 'p',
  model: 'm',
  credentialId: 'k',
  credentialLabel: 'Work',
  caller: 'lead_agent',
  purpose: 'chat',
  outcome: 'completed',
  billable: true,
  source: 'provider',
  inputSource: 'provider',
  outputSource: 'provider',
  inputTokens: 5,
  outputTokens: 0,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWrite5mTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  price: { currency: 'EUR', from: 'override', entry: 'm', tiers: [] },
  costPicos: '1500000000000',
  startedAtMs: 0,
  endedAtMs: 1000,
  ...some,
});

/** A reader of RFC 4180 that was written for this test. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isQuoted) {
      if (char === '"' && text[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (char === '"') isQuoted = false;
      else cell += char;
    } else if (char === '"') isQuoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at++;
    } else cell += char;
  }
  return rows;
}

const field = (some: Partial<UsageCall>, name: string) => {
  const [head = [], row = []] = parse(csvHead() + csvOf([call(some)]));
  return row[head.indexOf(name)];
};

describe('an export', () => {
  it('[E7-16] has a head and a line a call, and an empty cell for what is unknown', () => {
    const [head = [], row = []] = parse(csvHead() + csvOf([call({})]));
    expect(row).toHaveLength(head.length);
    expect(field({}, 'started')).toBe('1970-01-01T00:00:00.000Z');
    expect(field({}, 'cost')).toBe('1.5');
    expect(field({}, 'currency')).toBe('EUR');
    expect(field({}, 'output tokens')).toBe('0');
    expect(field({}, 'cache read tokens')).toBe('');
    expect(field({ costPicos: null }, 'cost')).toBe('');
    expect(field({ costPicos: null }, 'currency')).toBe('');
  });

  it.each(['a,b', 'a "quoted" word', 'two\r\nlines', 'two\nlines', ' blanks ', '名,前'])(
    '[E7-16] gives %j back',
    (text) => {
      expect(field({ credentialLabel: text }, 'key')).toBe(text);
    },
  );

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '=HYPERLINK("http://x","y")'])(
    '[E7-16] %j is no formula',
    (text) => {
      expect(field({ model: text }, 'model')).toBe(`'${text}`);
    },
  );
});
