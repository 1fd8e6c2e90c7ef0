import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHELL_WORDS } from '#contract/shell-words';
import ownWords from './en.json';

const en = { ...ownWords, command: SHELL_WORDS.en.command, news: SHELL_WORDS.en.news };

const ROOT = join(import.meta.dirname, '..');

function keysOf(node: object, prefix = ''): string[] {
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? keysOf(value, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(ROOT, name), 'utf8'))
  .join('\n');

describe('words', () => {
  const known = new Set(keysOf(en).map((key) => key.replace(/_(one|other)$/, '')));

  it('exist for every key that is asked for', () => {
    const asked = [...sources.matchAll(/\bt\(\s*'([a-zA-Z.-]+)'/g)].map((match) => match[1] ?? '');
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });

  it('are owned once: what the page shares with the shell stands in no file here', () => {
    expect(Object.keys(ownWords).filter((area) => area === 'command' || area === 'news')).toEqual([]);
  });

  it('are all asked for somewhere', () => {
    const unused = [...known].filter((key) => {
      const parent = key.slice(0, key.lastIndexOf('.'));
      return !sources.includes(`'${key}'`) && !sources.includes(`\`${parent}.\${`);
    });
    expect(unused).toEqual([]);
  });
});
