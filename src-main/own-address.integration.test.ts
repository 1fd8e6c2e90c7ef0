import { expect, it, vi } from 'vitest';
import { traced } from './platform/own-trace.ts';
import { OWNER_TOKEN, startRunsApiHost } from './testing/runs-api-host.ts';

const LEADS_BACK = 'leads back here. Give that profile the address of another server';

it('[E11-06] a profile whose address is this Sluice is told so, whoever asks, and asks itself once and not without end', async () => {
  const host = await startRunsApiHost();
  const profile = await host.ask<{ id: string }>('profiles.create', {
    name: 'self',
    kind: 'openai-chat',
    baseUrl: host.url,
    defaultModel: 'm',
  });
  await host.ask('credentials.create', { profileId: profile.id, label: 'own', secret: OWNER_TOKEN });
  await host.ask('settings.set', { values: { defaultProfile: 'self' } });
  for (const stream of [false, true]) {
    const answer = await host.raw('/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'who is there?' }] }),
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(LEADS_BACK)]);
  }
  // The window's own chat says it, too.
  await host.ask('chat.run', { session_id: 's', input: 'who is there?', profile: 'self' });
  await vi.waitFor(async () => {
    const { runs } = await host.ask<{ runs: { error: string | null }[] }>('runs.list', { sessionId: 's' });
    expect(runs[0]?.error).toContain(LEADS_BACK);
  }, 10_000);
  const models = (await (await host.raw('/v1/models')).json()) as { data: { id: string }[] };
  expect(models.data.map(({ id }) => id)).toContain('m');
  const metrics = await (await host.raw('/metrics')).text();
  const asked = [...metrics.matchAll(/^sluice_http_requests_total\{operation="createChatCompletion",.*\} (\d+)$/gm)];
  // Two by the program and one by the chat, which came back once each.
  expect(asked.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(5);
});

it('[E10-02] says through which Sluices a request came to servers on this computer only', () => {
  const here = traced({ accept: '*/*', 'x-sluice-via': 'another' }, true);
  expect(here).toEqual({ accept: '*/*', 'x-sluice-via': expect.stringMatching(/^another, [\w-]{12}$/) as string });
  expect(traced(here, false)).toEqual({ accept: '*/*' });
});
