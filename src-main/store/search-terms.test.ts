import { describe, expect, test } from 'vitest';
import { snippetAround } from './search-terms.ts';

describe('[E8-28] the line of a hit', () => {
  const answer = [
    '## How the **claim** works',
    '',
    'Read [the guide](https://docs.example/lease-times) first, then call `claim_row(a | b)`:',
    '',
    '| Step | Risk |',
    '|---|---|',
    '| Migration | *none* |',
    '',
    '```sql',
    'update charges -- ** two stars **',
    '```',
  ].join('\n');

  test('it reads as the page does', () => {
    expect(snippetAround(answer, 'migration', 'assistant')).toMatch(
      /claim_row\(a \| b\): Step · Risk · Migration · none · update charges/,
    );
    expect(snippetAround(answer, 'claim works', 'assistant')).toMatch(/^How the claim works · Read the guide first/);
  });

  test('a match within code is there, with the signs of the code', () => {
    expect(snippetAround(answer, '"two stars"', 'assistant')).toContain('-- ** two stars **');
    expect(snippetAround(answer, 'claim_row(a', 'assistant')).toContain('claim_row(a | b)');
  });

  test('a match within an address brings the address', () => {
    expect(snippetAround(answer, 'lease-times', 'assistant')).toContain(
      'the guide https://docs.example/lease-times first',
    );
    expect(snippetAround(answer, 'guide', 'assistant')).not.toContain('https');
  });

  test('it begins and ends with whole words where there are spaces, and is there where there are none', () => {
    const words = 'alpha beta gamma delta epsilon '.repeat(12);
    const line = snippetAround(`${words}needle ${words}`, 'needle', 'user');
    expect(line).toMatch(/^…(alpha|beta|gamma|delta|epsilon) .* (alpha|beta|gamma|delta|epsilon)…$/);
    expect(snippetAround(`${'去公园'.repeat(60)}散步${'天气好'.repeat(60)}`, '散步', 'user')).toMatch(
      /^….{40}散步.{118}…$/u,
    );
  });

  test('what a tool returned stays as it is', () => {
    expect(snippetAround('{"a": "**b**"}', 'b', 'tool')).toBe('{"a": "**b**"}');
  });

  test('a match far within a long text has words on both sides, and no character is parted', () => {
    const line = snippetAround(`${'😀'.repeat(100)} Wörter ${'😀'.repeat(200)}`, 'worter', 'user');
    expect(line).toMatch(/^….*Wörter.*…$/u);
    expect(line.isWellFormed()).toBe(true);
  });

  test('of a text as long as a book the lines around the match are read, and whether they are code is known', () => {
    const prose = 'Some **words** of it.\n'.repeat(5000);
    expect(snippetAround(`${prose}The **needle** is here.\n${prose}`, 'needle', 'assistant')).toMatch(
      /^….*Some words of it\. The needle is here\. Some words/,
    );
    const code = '# not a heading **\n'.repeat(5000);
    expect(snippetAround(`\`\`\`\n${code}needle\n${code}\`\`\``, 'needle', 'assistant')).toContain(
      '# not a heading ** needle # not a heading **',
    );
    expect(snippetAround(`${'x'.repeat(100_000)} needle ${'y'.repeat(100_000)}`, 'needle', 'assistant')).toContain(
      'x needle y',
    );
  });
});
