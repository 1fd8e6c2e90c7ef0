import { Client } from '@langchain/langgraph-sdk';
import { expect, onTestFinished, vi } from 'vitest';
import { FakeUpstream } from '../../e2e/fake-upstream/fake-upstream.ts';
import { finish, text, waitForRelease } from '../../e2e/fake-upstream/script.ts';
import type { Core } from '../compose.ts';
import { headlessCore } from './headless-core.ts';
import { tempDir } from './temp-dir.ts';

export const OWNER_TOKEN = 'owner-token';

/** A headless core with its server, a fake upstream behind the profile `fake`, and the official client. */
export interface RunsApiHost {
  core: Core;
  fake: FakeUpstream;
  url: string;
  dataDir: string;
  client: Client;
  /** A plain request with the owner's token, for what the client hides. */
  raw(path: string, init?: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }): Promise<Response>;
  /** Asks one of the page's own routes. */
  ask<T>(route: string, payload: unknown): Promise<T>;
  /** Ends this core and starts another one on the same data. @param between is called while none runs. */
  restart(between?: () => void): Promise<RunsApiHost>;
}

export function clientOf(url: string, apiKey: string): Client {
  // Refusals are what the tests are about: nothing is tried again.
  return new Client({ apiUrl: `${url}/api`, apiKey, callerOptions: { maxRetries: 0 } });
}

async function open(dataDir: string, fake: FakeUpstream): Promise<RunsApiHost> {
  const core = await headlessCore(dataDir, OWNER_TOKEN);
  await core.start();
  let isOpen = true;
  const stop = async () => {
    if (!isOpen) return;
    isOpen = false;
    await core.stop('quit');
  };
  onTestFinished(stop);
  const url = core.url ?? '';
  const raw: RunsApiHost['raw'] = (path, init = {}) => {
    const body = init.body === undefined || init.body === null ? {} : { 'content-type': 'application/json' };
    return fetch(`${url}${path}`, { ...init, headers: { 'x-api-key': OWNER_TOKEN, ...body, ...init.headers } });
  };
  return {
    core,
    fake,
    url,
    dataDir,
    client: clientOf(url, OWNER_TOKEN),
    raw,
    async ask<T>(route: string, payload: unknown): Promise<T> {
      const response = await raw(`/api/app/${route}`, { method: 'POST', body: JSON.stringify(payload) });
      const result = (await response.json()) as { ok: boolean; data: T; error?: { message: string } };
      if (!result.ok) throw new Error(`${route}: ${result.error?.message ?? ''}`);
      return result.data;
    },
    async restart(between) {
      await stop();
      between?.();
      return open(dataDir, fake);
    },
  };
}

/** The caller's test owns it; everything is closed when the test has finished. */
export async function startRunsApiHost(): Promise<RunsApiHost> {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const host = await open(tempDir(), fake);
  await host.ask('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
  return host;
}

/** One frame of an event stream, as bytes on the line say it. */
export interface RawFrame {
  id?: string;
  event?: string;
  data?: string;
}

/** The frames and comments of a whole stream. */
export function readFrames(text: string): RawFrame[] {
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '' && !block.startsWith(':'))
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))) as RawFrame);
}

export function human(content: string): { messages: { type: string; content: string }[] } {
  return { messages: [{ type: 'human', content }] };
}

/** Everything that a stream of the client says. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}

/** How long something may take that nothing but the machine's other work delays. */
const EVENTUALLY_MS = 15_000;

/** Waits until something holds. A second, which is the runner's own patience, is not enough on a machine with other work. */
export function eventually<T>(holds: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(holds, { timeout: EVENTUALLY_MS, interval: 10 });
}

/** A thread's values, as `wait`, `getState` and the stream give them. */
export type Values = { messages: { type: string; content: string; id: string }[] };

/** Who said what. */
export function said(values: unknown): string[] {
  return (values as Values).messages.map((message) => `${message.type}: ${message.content}`);
}

export async function statusOf(host: RunsApiHost, threadId: string, runId: string): Promise<string> {
  return (await host.client.runs.get(threadId, runId)).status;
}

/** A run that stands in the middle of its answer until the gate is released. */
export async function heldRun(host: RunsApiHost, threadId: string, input: string, gate = 'go') {
  host.fake.next([text('Half '), waitForRelease(gate), text('whole'), finish({ usage: { input: 5, output: 2 } })]);
  const run = await host.client.runs.create(threadId, 'fake', { input: human(input) });
  await eventually(async () => {
    const state = await host.client.threads.getState(threadId);
    expect(said(state.values)).toContain('ai: Half ');
  });
  return run;
}
