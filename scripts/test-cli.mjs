// npm run test:cli: Claude Code and Codex, as npm has them, and the official SDKs for Python, as pip has them, against the
// model endpoints. Installs them (large, into the cache, without their scripts), runs them without a window and with an
// empty home, and looks at both sides: what the program said, and what the upstream received. SLUICE_CLI_DIR names a folder
// in which they are installed already.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tryClaudeCode } from './clis/claude-code.mjs';
import { tryCodex } from './clis/codex.mjs';
import { cliPrograms, installClis, pythonWithSdks, runProgram } from './clis/programs.mjs';
import { tryPythonSdks } from './clis/python-sdks.mjs';
import { startUpstream } from './clis/scripted-upstream.mjs';
import { projectNode, ROOT, runScript, SetupError } from './setup.mjs';

const TOKEN = 'cli-test-token';

/**
 * What a program is tried with.
 *
 * @typedef {object} Surroundings
 * @property {string} program its path
 * @property {string} url the address of the model endpoints
 * @property {string} key a program's key for it
 * @property {Awaited<ReturnType<typeof startUpstream>>} upstream behind the profiles `claude` and `gpt`
 * @property {string} home an empty home
 * @property {string} work an empty folder to work in
 * @property {Record<string, string | undefined>} env
 * @property {(isTrue: boolean, what: string, shown?: unknown) => void} check
 */

const failures = /** @type {string[]} */ ([]);

/** @type {Surroundings['check']} */
function check(isTrue, what, shown = '') {
  process.stdout.write(`${isTrue ? 'ok  ' : 'FAIL'} ${what}\n`);
  if (!isTrue) failures.push(`${what}: ${String(shown).slice(0, 2000)}`);
}

/** @param {string} url */
function routesOf(url) {
  return async (/** @type {string} */ route, /** @type {unknown} */ payload) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${url}/api/app/${route}`, { method: 'POST', headers, body: JSON.stringify(payload) });
    const result = /** @type {any} */ (await answer.json());
    if (!result.ok) throw new SetupError(`${route}: ${result.error.message}`);
    return result.data;
  };
}

await runScript(async () => {
  await installClis();
  const { claude, codex } = cliPrograms();
  const python = await pythonWithSdks();
  const upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  const host = spawn(projectNode(), [join(ROOT, 'src-main', 'headless.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      SLUICE_DATA_DIR: join(folder, 'data'),
      SLUICE_PORT: '0',
      SLUICE_TOKEN: TOKEN,
      SLUICE_KEYRING: 'off',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = await once(createInterface({ input: host.stdout }), 'line');
    const { url } = JSON.parse(line);
    const ask = routesOf(url);
    for (const [name, kind] of [
      ['claude', 'anthropic'],
      ['gpt', 'openai-chat'],
      ['poor', 'openai-chat'],
    ]) {
      const profile = await ask('profiles.create', { name, kind, baseUrl: upstream.url });
      const secret = `sk-cli-${name}-0123456789abcdef`;
      await ask('credentials.create', { profileId: profile.id, label: name, secret });
    }
    const { key } = await ask('localApi.createClient', { name: 'cli' });
    const home = join(folder, 'home');
    const work = join(folder, 'work');
    for (const path of [home, work, join(home, '.codex')]) mkdirSync(path, { recursive: true });
    const env = { PATH: process.env['PATH'], HOME: home, TERM: 'dumb', LANG: 'C.UTF-8' };
    const versionOf = async (/** @type {string} */ program) =>
      (await runProgram(program, ['--version'], { cwd: work, env })).stdout.trim();
    process.stdout.write(`Claude Code ${await versionOf(claude)}\nCodex ${await versionOf(codex)}\n`);
    process.stdout.write('missing' in python ? 'Python: none\n' : `Python ${python.versions}\n`);

    const around = { url, key, upstream, home, work, env, check };
    await tryClaudeCode({ ...around, program: claude });
    if ('missing' in python) check(false, 'Python: the official SDKs can be installed', python.missing);
    else await tryPythonSdks({ ...around, program: python.python });
    // The last of it leaves a key refused.
    await tryCodex({ ...around, program: codex });
  } finally {
    host.kill('SIGTERM');
    await once(host, 'exit');
    upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  process.stdout.write(`${failures.length === 0 ? 'all well' : `${failures.length} failed`}\n`);
  return failures.length === 0 ? 0 : 1;
});
