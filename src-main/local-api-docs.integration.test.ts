import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startRunsApiHost } from './testing/runs-api-host.ts';

const ROOT = join(import.meta.dirname, '..');
const page = readFileSync(join(ROOT, 'docs', 'local-api.md'), 'utf8');
const blocks = [...page.matchAll(/```(js|sh)\n(.*?)```/gs)].map(([, language = '', code = '']) => ({ language, code }));

it('the page has snippets for curl and for SDKs', () => {
  expect(blocks.filter(({ language }) => language === 'sh')).toHaveLength(5);
  expect(blocks.filter(({ language }) => language === 'js')).toHaveLength(3);
});

it('[E11-01][E11-07] every snippet of the page does what it says', async () => {
  const host = await startRunsApiHost();
  const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'a reader of the page' });
  // Beside each other: the demo says sixty words a second, and each of them waits for it.
  const run = async ({ language, code }: (typeof blocks)[number]) => {
    const [command, args] =
      language === 'js' ? [process.execPath, ['--input-type=module', '-e', code]] : ['sh', ['-ec', code]];
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, SLUICE_URL: host.url, SLUICE_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        output += part.toString();
      });
    // Not `exit`: what it wrote last may come after that.
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect(exitCode, code + output).toBe(0);
    if (code.includes('/v1/models')) expect(output).toContain('"id":"demo"');
    else if (code.includes('count_tokens')) expect(output).toMatch(/^\{"input_tokens":\d+\}$/);
    else expect(output, code).toMatch(/Sluice/);
    expect(output).not.toContain('"error":{');
  };
  await Promise.all(blocks.map(run));
}, 60_000);
