import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { answer, finish, text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { connectChat } from './testing/chat-client.ts';
import { eventually, heldRun, human, OWNER_TOKEN, startRunsApiHost } from './testing/runs-api-host.ts';

interface ThreadUsage {
  total_tokens: number;
  total_input_tokens: number;
  total_output_tokens: number;
  estimated_tokens: number;
  total_runs: number;
}

describe('pages and figures', () => {
  it('[E8-16] [E8-17] [BUG-C1] [BUG-C2] messages come in pages of both directions, the newest never falls off, votes on the last answers', async () => {
    const host = await startRunsApiHost();
    const runs: string[] = [];
    for (const input of ['1', '2', '3']) {
      const run = await host.client.runs.create('t', 'fake', { input: human(input) });
      await host.client.runs.join('t', run.run_id);
      runs.push(run.run_id);
    }
    type Page = {
      data: { content: string; seq: number; feedback: { rating: number } | null }[];
      has_more: boolean;
      next_before_seq: number | null;
    };
    const page = async (query: string) => (await (await host.raw(`/api/threads/t/messages?${query}`)).json()) as Page;
    const vote = await host.raw(`/api/threads/t/runs/${runs[1] ?? ''}/feedback`, {
      method: 'PUT',
      body: JSON.stringify({ rating: -1 }),
    });
    expect(vote.status).toBe(200);
    const all = await page('');
    expect(all).toMatchObject({ has_more: false });
    expect(all.data.map((row) => row.content)).toEqual(['1', 'You said: 1', '2', 'You said: 2', '3', 'You said: 3']);
    expect(all.data.map((row) => row.feedback?.rating ?? null)).toEqual([null, null, null, -1, null, null]);
    const newest = await page('limit=2');
    expect(newest.data.map((row) => row.content)).toEqual(['3', 'You said: 3']);
    expect(newest.has_more).toBe(true);
    const earlier = await page(`limit=3&before_seq=${newest.next_before_seq ?? 0}`);
    expect(earlier.data.map((row) => row.content)).toEqual(['You said: 1', '2', 'You said: 2']);
    const last = await page(`limit=3&before_seq=${earlier.next_before_seq ?? 0}`);
    expect(last).toMatchObject({ has_more: false, data: [{ content: '1' }] });
    const after = await page(`limit=2&after_seq=${last.data[0]?.seq ?? 0}`);
    expect(after.data.map((row) => row.content)).toEqual(['You said: 1', '2']);
    expect(after.has_more).toBe(true);
    expect(await page(`limit=6`)).toMatchObject({ has_more: false });
    for (const query of ['before_seq=1&after_seq=1', 'before_seq=x', 'limit=0', 'limit=201', 'seq=1']) {
      expect([400, 422], query).toContain((await host.raw(`/api/threads/t/messages?${query}`)).status);
    }
    const own = (await (await host.raw(`/api/threads/t/runs/${runs[0] ?? ''}/messages?limit=1`)).json()) as Page;
    expect(own).toMatchObject({ has_more: true, data: [{ content: 'You said: 1' }] });
  });

  it('[E8-15] [BUG-C15] a run’s events come in pages, by name, and as lines', async () => {
    const host = await startRunsApiHost();
    const run = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', run.run_id);
    const path = `/api/threads/t/runs/${run.run_id}/events`;
    type Page = { data: { seq: number; event: string }[]; has_more: boolean };
    const page = async (query: string) => (await (await host.raw(`${path}?${query}`)).json()) as Page;
    const all = await page('');
    expect(all.data[0]?.event).toBe('run.peer_user_message');
    expect(all.data.at(-1)?.event).toBe('run.completed');
    const collected: number[] = [];
    for (let after = 0; ; ) {
      const part = await page(`limit=2&after_seq=${after}`);
      collected.push(...part.data.map((event) => event.seq));
      if (!part.has_more) break;
      after = part.data.at(-1)?.seq ?? 0;
    }
    expect(collected).toEqual(all.data.map((event) => event.seq));
    expect((await page('event_types=run.started,run.completed')).data.map((event) => event.event)).toEqual([
      'run.started',
      'run.completed',
    ]);
    expect((await host.raw(`${path}?event_types=llm.ai.response`)).status).toBe(422);
    type Lines = { data: { event: string; category: string }[] };
    const within = async (query: string) => (await (await host.raw(`${path}?${query}`)).json()) as Lines;
    const told = (await within('categories=outputs,message')).data.map((line) => `${line.event} ${line.category}`);
    // How many parts the text came in depends on the moment.
    expect([...new Set(told)]).toEqual([
      'run.peer_user_message message',
      'message.delta message',
      'run.completed outputs',
    ]);
    expect((await within('categories=lifecycle&event_types=run.started,run.completed')).data).toMatchObject([
      { event: 'run.started', category: 'lifecycle' },
    ]);
    expect((await host.raw(`${path}?categories=secrets`)).status).toBe(422);
    const lines = (await (await host.raw(`${path}.jsonl`)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(all.data);
    // The window's own way to the same lines, in pieces.
    const exported = (runId: string, afterSeq = 0) =>
      host.ask<{ content: string; nextSeq: number | null }>('runs.events.export', { runId, afterSeq });
    expect(await exported(run.run_id)).toEqual({ content: `${lines.join('\n')}\n`, nextSeq: null });
    expect(await exported(run.run_id, all.data[0]?.seq)).toEqual({
      content: `${lines.slice(1).join('\n')}\n`,
      nextSeq: null,
    });
    await expect(exported('nobody')).rejects.toThrow('no such run');
    // A live one is followed to its end.
    host.fake.next([text('Half '), waitForRelease('go'), text('whole')]);
    const live = await host.client.runs.create('t', 'fake', { input: human('two') });
    const following = host.raw(`/api/threads/t/runs/${live.run_id}/events.jsonl`).then((response) => response.text());
    await host.fake.gates.reached('go');
    const begun = await exported(live.run_id);
    expect(begun.nextSeq).not.toBeNull();
    host.fake.release('go');
    await host.client.runs.join('t', live.run_id);
    const rest = await exported(live.run_id, begun.nextSeq ?? 0);
    expect(rest.nextSeq).toBeNull();
    expect(begun.content + rest.content).toBe(await following);
    expect((await following).trim().split('\n').at(-1)).toContain('run.completed');
  });

  it('[E8-15] the calls that a run made are traced: each try with its key, its times and its end, and nothing of what was said', async () => {
    const host = await startRunsApiHost();
    const { profiles } = await host.ask<{ profiles: { id: string; name: string }[] }>('profiles.list', {});
    const profileId = profiles.find((profile) => profile.name === 'fake')?.id ?? '';
    for (const [label, priority] of [
      ['first', 0],
      ['second', 1],
    ] as const) {
      await host.ask('credentials.create', { profileId, label, secret: `sk-${label}-0123456789`, priority });
    }
    host.fake.next(answer(401, { error: { message: 'no such key' } }), [
      text('Half '),
      waitForRelease('go'),
      text('saidword'),
      finish({ usage: { input: 7, output: 3 } }),
    ]);
    const run = await host.client.runs.create('t', 'fake', { input: human('askedword') });
    const path = `/api/threads/t/runs/${run.run_id}/calls`;
    type Calls = { data: Record<string, unknown>[] };
    const calls = async () => ((await (await host.raw(path)).json()) as Calls).data;
    await host.fake.gates.reached('go');
    await eventually(async () => {
      expect(await calls()).toMatchObject([
        { credential_label: 'first', outcome: 'refused', purpose: 'chat' },
        { credential_label: 'second', outcome: null, ended_at: null },
      ]);
    });
    host.fake.release('go');
    await host.client.runs.join('t', run.run_id);
    const ended = await calls();
    expect(ended).toMatchObject([
      { outcome: 'refused' },
      { outcome: 'completed', input_tokens: 7, output_tokens: 3, source: 'provider', model: 'm' },
    ]);
    expect(JSON.stringify(ended)).not.toMatch(/askedword|saidword|sk-first/);
    await host.client.threads.create({ threadId: 'other' });
    expect((await host.raw(path.replace('/t/', '/other/'))).status).toBe(404);
  });

  it('[E8-22] [BUG-C12] tokens are the ledger’s: by model and caller, of stopped, failed and rolled-back runs, each call once', async () => {
    const host = await startRunsApiHost();
    const { client, fake } = host;
    const usageOf = async (query = '') =>
      (await (await host.raw(`/api/threads/t/token-usage${query}`)).json()) as ThreadUsage;
    fake.next([text('a'), finish({ usage: { input: 10, output: 1 } })]);
    await client.runs.wait('t', 'fake', { input: human('1') });
    fake.next([text('b'), finish({ usage: { input: 20, output: 2 } })]);
    const { run_id: runId } = await client.runs.create('t', 'fake', {
      input: human('2'),
      config: { configurable: { model: 'm2' } },
    });
    await client.runs.join('t', runId);
    expect(await usageOf()).toMatchObject({
      total_tokens: 33,
      total_input_tokens: 30,
      total_output_tokens: 3,
      estimated_tokens: 0,
      total_runs: 2,
      total_calls: 2,
      by_model: { m: { tokens: 11, runs: 1 }, m2: { tokens: 22, runs: 1 } },
      by_caller: { lead_agent: 33, subagent: 0, middleware: 0 },
    });
    // Refused by the upstream: a call and a run, but nothing spent.
    fake.next(answer(400, { error: { message: 'no' } }));
    await client.runs.wait('t', 'fake', { input: human('3'), raiseError: false });
    expect(await usageOf()).toMatchObject({ total_tokens: 33, total_runs: 3, total_calls: 3 });
    // In the middle of its answer: only an estimate of what was sent, and only where it is asked for.
    const held = await heldRun(host, 't', '4');
    expect(await usageOf()).toMatchObject({ total_tokens: 33, total_runs: 3 });
    const active = await usageOf('?include_active=true');
    expect(active).toMatchObject({ total_runs: 4, total_calls: 4 });
    expect(active.total_tokens).toBeGreaterThan(33);
    expect(active.estimated_tokens).toBe(active.total_tokens - 33);
    // Stopped: what the upstream never reported is estimated, and says so. Taking it back does not take the spend back.
    await client.runs.cancel('t', held.run_id, true);
    const stopped = await usageOf();
    expect(stopped).toMatchObject({ total_runs: 4 });
    expect(stopped.estimated_tokens).toBe(stopped.total_tokens - 33);
    const taken = await heldRun(host, 't', '5', 'more');
    await client.runs.cancel('t', taken.run_id, true, 'rollback');
    const after = await usageOf();
    expect(after.total_runs).toBe(5);
    expect(after.total_tokens).toBeGreaterThan(stopped.total_tokens);
    expect(after.total_input_tokens + after.total_output_tokens).toBe(after.total_tokens);
    // The page asks the same books.
    const page = await host.ask<{ totals: { inputTokens: number; outputTokens: number } }>('usage.session', {
      sessionId: 't',
    });
    expect(page.totals.inputTokens + page.totals.outputTokens).toBe(after.total_tokens);
    expect((await host.raw('/api/threads/nobody/token-usage')).status).toBe(404);
  });

  it('[E8-18] [BUG-C8] a vote is changed in place: one for each run, with its id, its first moment and its history', async () => {
    const host = await startRunsApiHost();
    const run = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', run.run_id);
    const path = `/api/threads/t/runs/${run.run_id}/feedback`;
    const send = async (method: string, body?: unknown, suffix = '') => {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await host.raw(`${path}${suffix}`, init);
      const content = await response.text();
      return {
        status: response.status,
        body: (content === '' ? null : JSON.parse(content)) as Record<string, unknown>,
      };
    };
    for (const rating of [0, 2, true, '1', null])
      expect((await send('PUT', { rating })).status, String(rating)).toBe(422);
    const first = await send('PUT', { rating: 1, comment: 'good' });
    const second = await send('PUT', { rating: -1 });
    expect(second.body).toMatchObject({
      rating: -1,
      feedback_id: first.body['feedback_id'],
      created_at: first.body['created_at'],
      user_id: 'local',
    });
    expect((await send('POST', { rating: 1 })).status).toBe(409);
    expect((await send('GET')).body).toHaveLength(1);
    expect((await send('GET', undefined, '/stats')).body).toEqual({
      run_id: run.run_id,
      total: 1,
      positive: 0,
      negative: 1,
    });
    const history = await send('GET', undefined, `/${String(first.body['feedback_id'])}/history`);
    expect(history.body).toMatchObject([
      { rating: 1, comment: 'good' },
      { rating: -1, comment: null },
    ]);
    expect((await host.raw(`/api/threads/other/runs/${run.run_id}/feedback`)).status).toBe(404);
    expect((await send('PUT', { rating: 1, message_id: 'foreign' })).status).toBe(404);
    expect((await send('DELETE', undefined, '/foreign')).status).toBe(404);
    expect((await send('DELETE')).status).toBe(204);
    expect((await send('DELETE')).status).toBe(404);
    expect((await send('POST', { rating: 1 })).status).toBe(201);
  });

  it('[E8-18] a thumb in the window and a program’s feedback are one vote, and each hears of the other at once', async () => {
    const host = await startRunsApiHost();
    const run = await host.client.runs.create('t', 'fake', { input: human('one') });
    await host.client.runs.join('t', run.run_id);
    const chat = await connectChat(host.url, { token: OWNER_TOKEN });
    const path = `/api/threads/t/runs/${run.run_id}/feedback`;
    const feedback = async () => (await (await host.raw(path)).json()) as Record<string, unknown>[];
    const put = (body: object) => host.raw(path, { method: 'PUT', body: JSON.stringify(body) });
    const set = (rating: 1 | -1 | null) => host.ask('feedback.set', { sessionId: 't', runId: run.run_id, rating });
    await put({ rating: 1, comment: 'good' });
    await set(-1);
    // The thumb changes the rating; what somebody wrote to it stays.
    expect(await feedback()).toMatchObject([{ rating: -1, comment: 'good', user_id: 'local' }]);
    expect(await host.ask('feedback.list', { sessionId: 't' })).toEqual({
      votes: [{ runId: run.run_id, rating: -1, comment: 'good' }],
    });
    await set(null);
    await set(null);
    expect(await feedback()).toEqual([]);
    await set(1);
    await host.raw(path, { method: 'DELETE' });
    await eventually(() => expect(chat.heard.filter((event) => event.event === 'feedback.changed')).toHaveLength(5));
    expect(
      chat.heard.flatMap((event) => (event.event === 'feedback.changed' ? [[event.run_id, event.rating]] : [])),
    ).toEqual([1, -1, null, 1, null].map((rating) => [run.run_id, rating]));
    await expect(host.ask('feedback.set', { sessionId: 'other', runId: run.run_id, rating: 1 })).rejects.toThrow(
      'no such answer',
    );
    await expect(host.ask('feedback.set', { sessionId: 't', runId: run.run_id, rating: 2 })).rejects.toThrow();
    chat.socket.disconnect();
  });

  it('[E8-14] the description is made from the routes, and every operation has a name of its own', async () => {
    const host = await startRunsApiHost();
    const document = (await (await fetch(`${host.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, ...one })),
    );
    // The page to read holds all of it, and nothing that runs or comes from elsewhere.
    const page = await fetch(`${host.url}/reference`);
    const policy = page.headers.get('content-security-policy') ?? '';
    const html = await page.text();
    for (const { operationId } of operations) expect(html).toContain(`<article id="${operationId}">`);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|javascript:|style=|https?:\/\/(?!json-schema)/);
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(operations.length).toBeGreaterThan(35);
    const ids = operations.map((one) => one.operationId);
    expect([...new Set(ids)]).toEqual(ids);
    for (const one of operations) {
      const inPath =
        one.parameters?.filter((parameter) => parameter.in === 'path').map((parameter) => `{${parameter.name}}`) ?? [];
      expect(inPath, one.path).toEqual(one.path.match(/\{\w+\}/g) ?? []);
      // What is described is there: nobody answers 404 for the address itself or 405 for the method.
      const response = await host.raw(one.path.replaceAll(/\{\w+\}/g, 'x'), { method: one.method.toUpperCase() });
      expect(response.status, `${one.method} ${one.path}`).not.toBe(405);
      await response.body?.cancel();
    }
  });
});
