import { expect, it } from 'vitest';
import type { ClientKeyRecord, LocalApiState } from '#contract/programs';
import { finish, text } from '../e2e/fake-upstream/script.ts';
import { clientOf, eventually, heldRun, human, startRunsApiHost } from './testing/runs-api-host.ts';

/** A host whose model `m` costs one dollar for each token of input, and a key that may spend ten dollars a day. */
async function cappedHost() {
  const host = await startRunsApiHost();
  await host.ask('models.saveOverride', { model: 'm', currency: 'USD', input: '1000000', output: '0' });
  const { key, client } = await host.ask<{ key: string; client: ClientKeyRecord }>('localApi.createClient', {
    name: 'a program',
    cap: { period: 'day', currency: 'USD', limit: '10.00' },
  });
  const start = async (input: string, tokens: number) => {
    host.fake.next([text('a'), finish({ usage: { input: tokens, output: 1 } })]);
    const response = await host.raw('/api/threads/t/runs', {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: JSON.stringify({ assistant_id: 'fake', input: human(input), multitask_strategy: 'enqueue' }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status === 200) await host.client.runs.join('t', String(body['run_id']));
    return { status: response.status, warning: response.headers.get('x-spend-warning'), body };
  };
  return { host, key, client, start };
}

it('[E8-22] [decision 21] a key with a cap is warned near it and refused at it, in the protocol’s shape; nobody else is', async () => {
  const { host, key, client, start } = await cappedHost();
  expect(client.cap).toEqual({ period: 'day', currency: 'USD', limit: '10' });
  expect(await start('one', 9)).toMatchObject({ status: 200, warning: null });
  expect(await start('two', 1)).toMatchObject({
    status: 200,
    warning: '9 of 10 USD for this day is spent. At the limit nothing new is sent.',
  });
  const sent = host.fake.requests.length;
  const refused = await start('three', 1);
  expect(refused).toMatchObject({
    status: 402,
    body: { code: 'budget_reached', detail: expect.stringContaining('“a program” has spent its 10 USD') as string },
  });
  // The official client does not try a refusal again and gives the sentence on.
  await expect(clientOf(host.url, key).runs.wait('t', 'fake', { input: human('four') })).rejects.toThrow('402');
  expect(host.fake.requests).toHaveLength(sent);
  expect(await (await host.raw('/api/info', { headers: { 'x-api-key': key } })).json()).toMatchObject({
    key: { name: 'a program' },
    spend: { spent: '10', state: 'reached', limit: '10', currency: 'USD' },
  });
  // The owner and another key go on; a raised cap holds at once, and survives a restart.
  await host.client.runs.wait('t', 'fake', { input: human('the owner’s') });
  const state = await host.ask<LocalApiState>('localApi.setClientCap', {
    clientId: client.id,
    cap: { period: 'month', currency: 'USD', limit: '1000' },
  });
  expect(state.clients[0]).toMatchObject({ name: 'a program', spend: { spent: '10', state: 'within' } });
  const again = await host.restart();
  expect((await again.ask<LocalApiState>('localApi.state', {})).clients[0]).toMatchObject({
    cap: { period: 'month', limit: '1000' },
    spend: { spent: '10' },
  });
  await expect(again.ask('localApi.setClientCap', { clientId: 'nobody', cap: null })).rejects.toThrow(
    'There is no such key',
  );
  await expect(
    again.ask('localApi.setClientCap', { clientId: client.id, cap: { period: 'day', currency: 'USD', limit: 'much' } }),
  ).rejects.toThrow('“much” is not an amount');
});

it('[E8-22] what waited when the cap was reached is not sent, and says why', async () => {
  const { host, key, start } = await cappedHost();
  await start('one', 9);
  await heldRun(host, 't', 'the owner’s');
  const program = clientOf(host.url, key);
  const runs: string[] = [];
  host.fake.next([text('a'), finish({ usage: { input: 4, output: 1 } })]);
  for (const input of ['two', 'three']) {
    const asked = { input: human(input), multitaskStrategy: 'enqueue' as const };
    runs.push((await program.runs.create('t', 'fake', asked)).run_id);
  }
  host.fake.release('go');
  await eventually(async () => {
    expect(await host.client.runs.get('t', runs[1] ?? '')).toMatchObject({
      status: 'error',
      error: expect.stringContaining('has spent its 10 USD') as string,
    });
  });
  expect((await host.client.runs.get('t', runs[0] ?? '')).status).toBe('success');
});
