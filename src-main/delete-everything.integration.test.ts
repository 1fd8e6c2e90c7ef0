import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DataJob } from '#contract/data';
import { sendJson, wholeChat } from './testing/raw-upstream.ts';
import { startRelayHost } from './testing/relay-host.ts';
import { human } from './testing/runs-api-host.ts';

/** Words that only these conversations hold. */
const SAID = 'Zwetschgendatschi';
const ANSWERED = 'Pflaumenschleuder';

/** Files below a folder that hold one of the words, by their names. */
function filesWith(folder: string, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    if (!statSync(path).isFile()) return false;
    const bytes = readFileSync(path);
    return words.some((word) => bytes.includes(word));
  });
}

it('[E12] Delete everything leaves no word of what was said in the data folder, and nothing to give again', async () => {
  const host = await startRelayHost();
  host.gpt.handle((request, response) =>
    request.url === '/v1/chat/completions'
      ? sendJson(response, 200, wholeChat(`${ANSWERED} it is.`))
      : sendJson(response, 404, { error: { message: 'Not Found' } }),
  );
  const thread = await host.client.threads.create();
  await host.client.runs.wait(thread.thread_id, 'demo', { input: human(`/echo ${SAID}`) });
  const messages = [{ role: 'user', content: `What is ${SAID}?` }];
  const ask = () =>
    host.post('/v1/chat/completions', { model: 'gpt/m', messages }, { headers: { 'idempotency-key': 'one' } });
  expect(await (await ask()).text()).toContain(ANSWERED);
  const kept = await host.post('/v1/responses', { model: 'gpt/m', input: `What is ${SAID}?` });
  const { id } = (await kept.json()) as { id: string };
  await host.ask('data.backUp', {});
  const { jobId } = await host.ask<DataJob>('data.export', {});
  await expect.poll(async () => (await host.ask<DataJob>('data.job', { jobId })).state).toBe('done');
  expect(filesWith(host.dataDir, [SAID, ANSWERED]).length).toBeGreaterThan(0);

  await host.ask('data.deleteAll', { confirm: 'delete everything', backups: true });

  expect(filesWith(host.dataDir, [SAID, ANSWERED])).toEqual([]);
  // An export is packed, so words do not tell.
  await expect(host.ask('data.exportRead', { jobId, offsetBytes: 0 })).rejects.toThrow('not here any more');
  const calls = host.gpt.requests.length;
  await (await ask()).text();
  expect(host.gpt.requests).toHaveLength(calls + 1);
  const again = await host.post('/v1/responses', { model: 'gpt/m', input: 'And?', previous_response_id: id });
  expect(again.status).toBe(400);
});
