import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startRunsApiHost } from './testing/runs-api-host.ts';

const ROOT = join(import.meta.dirname, '..');
const page = readFileSync(join(ROOT, 'docs', 'runs-api.md'), 'utf8');
const blocks = [...page.matchAll(/```(js|sh)\n(.*?)```/gs)].map(([, language = '', code = '']) => ({ language, code }));

it('the page has snippets', () => expect(blocks.length).toBeGreaterThanOrEqual(3));

it.each(blocks)('a snippet of the page does what it says ($language)', async ({ language, code }) => {
  const host = await startRunsApiHost();
  const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'a reader of the page' });
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
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  expect(exitCode, output).toBe(0);
  if (language === 'sh') expect(JSON.parse(output)).toMatchObject({ messages: [{ type: 'human' }, { type: 'ai' }] });
});
