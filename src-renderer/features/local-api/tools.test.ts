import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, environmentLines, isPlainName, TOOLS } from './tools.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');
const pages = ['local-api.md', 'runs-api.md'].map((name) => readFileSync(join(DOCS, name), 'utf8')).join('\n');
const URL = 'http://127.0.0.1:47821';

describe('snippets', () => {
  it.each(TOOLS)('[E11-01] [E11-07] $name: the documentation shows the same lines as the window', (tool) => {
    const cli = tool.language === 'toml' || tool.language === 'text';
    const values = cli
      ? { url: URL, model: '<profile>/<model>', profile: '<profile>' }
      : { url: URL, model: 'demo/demo', profile: 'demo' };
    const own = tool.id === 'claude-code' ? environmentLines(tool, 'sh', { url: URL, key: 'sluice_…' }) : '';
    expect(pages).toContain(`\`\`\`${tool.language}\n${own}${codeOf(tool, 'sh', values)}\`\`\`\n`);
    if (tool.powershell !== undefined)
      expect(pages).toContain(`\`\`\`powershell\n${codeOf(tool, 'powershell', values)}\`\`\`\n`);
  });

  it('a key goes into the environment and never into code, which is shared', () => {
    for (const tool of TOOLS) {
      for (const shell of ['sh', 'powershell'] as const) {
        expect(environmentLines(tool, shell, { url: URL, key: 'sluice_KEY' })).toContain('sluice_KEY');
        const code = codeOf(tool, shell, { url: URL, model: 'a/b', profile: 'a' });
        expect(code).not.toContain('sluice_KEY');
        for (const { name } of tool.variables)
          if (tool.id !== 'claude-code' && name !== 'SLUICE_URL') expect(code).toContain(name);
      }
    }
  });

  it('asks who was chosen, in every tool', () => {
    for (const tool of TOOLS)
      expect(codeOf(tool, 'sh', { url: URL, model: 'work/m-1', profile: 'work' })).toMatch(/work/);
  });

  it('names that would break out of quotation marks are not written into code', () => {
    for (const name of ['demo/demo', 'Home lab/qwen3-8b', '工作/meta-llama/llama-4:free'])
      expect(isPlainName(name)).toBe(true);
    for (const name of ['"; rm -rf ~; "', "x' + y", '$(id)', 'a`b', 'a\nb', 'a\\', ''])
      expect(isPlainName(name)).toBe(false);
  });
});
