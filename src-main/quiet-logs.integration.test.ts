import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { cut, fail, reasoning, text } from '../e2e/fake-upstream/script.ts';
import { dataPaths } from './platform/paths.ts';
import { startHeadlessProcess, TOKEN } from './testing/headless-process.ts';
import { tempDir } from './testing/temp-dir.ts';

const KEY = 'sk-planted-0123456789abcdef';
const SAID = ['planted question', 'planted answer', 'planted thought', 'planted failure'];

function filesUnder(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

it('[BUG-A29] [decision 35] the log names what happened and holds no word of a conversation, no key and no token', async () => {
  const fake = await FakeUpstream.start();
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const host = await startHeadlessProcess(dir);
  onTestFinished(() => host.kill());
  const profile = await host.request('profiles.create', {
    name: 'fake',
    kind: 'anthropic',
    baseUrl: fake.url,
    defaultModel: 'm',
  });
  if (!profile.ok) throw new Error(profile.error.message);
  await host.request('credentials.create', { profileId: profile.data.id, label: 'work', secret: KEY });
  const socket = await host.connect();
  const scripts = [
    [reasoning('planted thought'), text('planted answer')],
    [text('planted answer'), cut()],
    [fail('planted failure')],
  ];
  for (const [index, script] of scripts.entries()) {
    fake.next(script);
    const ended = new Promise<void>((resolve) => {
      for (const name of ['run.completed', 'run.failed']) socket.once(name, () => resolve());
    });
    await socket.emitWithAck('run', { session_id: `s${index}`, input: 'planted question', profile: 'fake' });
    await ended;
  }
  expect(await host.stop()).toBe(0);
  const log = readFileSync(dataPaths(dir).log, 'utf8');
  expect(log).toContain('started');
  expect(log).toContain('stopped');
  for (const secret of [...SAID, KEY, TOKEN]) expect(log, secret).not.toContain(secret);
  expect(host.stderr()).not.toContain(KEY);
  // Nor anywhere else in clear: without a keyring the key is in memory only.
  for (const file of filesUnder(dir)) expect(readFileSync(file).includes(KEY), file).toBe(false);
}, 30_000);
