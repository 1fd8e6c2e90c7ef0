// npm run test:cli: Claude Code and Codex, as npm has them, against the model endpoints. Installs both (large, into the
// cache, without their scripts), runs them without a window and with an empty home, and looks at both sides: what the
// program said, and what the upstream received. SLUICE_CLI_DIR names a folder in which they are installed already.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CACHE, hint, projectNode, ROOT, runScript, SetupError } from './setup.mjs';

const VERSIONS = { '@anthropic-ai/claude-code': '2.1.330', '@openai/codex': '0.169.0' };
const CLIS = process.env['SLUICE_CLI_DIR'] ?? join(CACHE, 'clis');
const TOKEN = 'cli-test-token';
const RUN_WITHIN_MS = 120_000;

/** @typedef {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, json: any }} Seen */
/** @typedef {(seen: Seen, response: import('node:http').ServerResponse, number: number) => unknown} Handler */

/** @param {string} command @param {string[]} args @param {{ cwd: string, env: Record<string, string | undefined> }} options */
async function runProgram(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part) => (stdout += part));
  child.stderr.on('data', (part) => (stderr += part));
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_WITHIN_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, stdout, stderr };
}

async function install() {
  const names = Object.keys(VERSIONS);
  if (names.every((name) => existsSync(join(CLIS, 'node_modules', name)))) return;
  mkdirSync(CLIS, { recursive: true });
  writeFileSync(join(CLIS, 'package.json'), '{"private": true}\n');
  const wanted = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  hint(`test:cli: installing ${wanted.join(' and ')}`);
  const { code, stderr } = await runProgram(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted],
    { cwd: CLIS, env: process.env },
  );
  if (code !== 0) throw new SetupError(`The programs could not be installed:\n${stderr}`);
}

/** @type {Record<string, string>} */
const TRIPLES = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x64': 'x86_64-apple-darwin',
};

/** The platform package's own program: the wrappers want install scripts. */
function binaries() {
  const { platform, arch } = process;
  const triple = TRIPLES[`${platform}-${arch}`] ?? '';
  const modules = join(CLIS, 'node_modules');
  const found = {
    claude: join(modules, '@anthropic-ai', `claude-code-${platform}-${arch}`, 'claude'),
    codex: join(modules, '@openai', `codex-${platform}-${arch}`, 'vendor', triple, 'bin', 'codex'),
  };
  for (const path of Object.values(found))
    if (!existsSync(path)) throw new SetupError(`There is no program at ${path}.`);
  return found;
}

/** @type {{ handler: Handler, seen: Seen[] }} */
const upstream = { handler: () => undefined, seen: [] };

function startUpstream() {
  const server = createServer((request, response) => {
    const parts = /** @type {Buffer[]} */ ([]);
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const path = (request.url ?? '').split('?')[0] ?? '';
      const seen = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        json: text === '' ? null : JSON.parse(text),
      };
      if (path === '/v1/models') return json(response, 200, { data: [] });
      if (path.endsWith('/count_tokens')) return json(response, 200, { input_tokens: 100 });
      upstream.seen.push(seen);
      upstream.handler(seen, response, upstream.seen.length);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body @param {Record<string, string>} headers */
function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** @param {import('node:http').ServerResponse} response @param {{ type: string }[]} events @param {'end' | 'cut'} end */
function events(response, events, end = 'end') {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  if (end === 'end') response.end();
  else setTimeout(() => response.destroy(), 30);
}

/** @param {any[]} blocks @param {string} reason */
function message(blocks, reason) {
  return [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 100, output_tokens: 1 },
      },
    },
    ...blocks.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} },
      },
      {
        type: 'content_block_delta',
        index,
        delta:
          block.type === 'text'
            ? { type: 'text_delta', text: block.text }
            : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
      },
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 12 } },
    { type: 'message_stop' },
  ];
}

const failures = /** @type {string[]} */ ([]);

/** @param {boolean} isTrue @param {string} what @param {unknown} shown */
function check(isTrue, what, shown = '') {
  process.stdout.write(`${isTrue ? 'ok  ' : 'FAIL'} ${what}\n`);
  if (!isTrue) failures.push(`${what}: ${String(shown).slice(0, 2000)}`);
}

const hasTools = (/** @type {Seen} */ seen) => Array.isArray(seen.json?.tools) && seen.json.tools.length > 0;

await runScript(async () => {
  await install();
  const { claude, codex } = binaries();
  const server = /** @type {import('node:http').Server} */ (await startUpstream());
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
    const ask = async (/** @type {string} */ route, /** @type {unknown} */ payload) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
      const answer = await fetch(`${url}/api/app/${route}`, { method: 'POST', headers, body: JSON.stringify(payload) });
      const result = /** @type {any} */ (await answer.json());
      if (!result.ok) throw new SetupError(`${route}: ${result.error.message}`);
      return result.data;
    };
    const address = server.address();
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    for (const [name, kind] of [
      ['claude', 'anthropic'],
      ['gpt', 'openai-chat'],
    ]) {
      const profile = await ask('profiles.create', { name, kind, baseUrl });
      await ask('credentials.create', {
        profileId: profile.id,
        label: name,
        secret: `sk-cli-${name}-0123456789abcdef`,
      });
    }
    const { key } = await ask('localApi.createClient', { name: 'cli' });
    const home = join(folder, 'home');
    const work = join(folder, 'work');
    for (const path of [home, work, join(home, '.codex')]) mkdirSync(path, { recursive: true });
    const env = { PATH: process.env['PATH'], HOME: home, TERM: 'dumb', LANG: 'C.UTF-8' };
    process.stdout.write(
      `Claude Code ${(await runProgram(claude, ['--version'], { cwd: work, env })).stdout.trim()}\n`,
    );
    process.stdout.write(`Codex ${(await runProgram(codex, ['--version'], { cwd: work, env })).stdout.trim()}\n`);

    /** @param {string} prompt @param {Handler} handler */
    const runClaude = async (prompt, handler) => {
      upstream.seen = [];
      upstream.handler = handler;
      const claudeEnv = {
        ...env,
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: key,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      };
      const args = ['-p', prompt, '--model', 'claude/claude-test', '--output-format', 'json', '--allowedTools', 'Bash'];
      return runProgram(claude, args, { cwd: work, env: claudeEnv });
    };
    const mark = 'sluice-was-here';
    const loop = await runClaude('Run the command.', (seen, response) => {
      const text = JSON.stringify(seen.json.messages);
      if (!hasTools(seen)) events(response, message([{ type: 'text', text: 'A title' }], 'end_turn'));
      else if (text.includes('tool_result'))
        events(response, message([{ type: 'text', text: 'The loop is done.' }], 'end_turn'));
      else
        events(
          response,
          message(
            [
              {
                type: 'tool_use',
                id: 'toolu_1',
                name: 'Bash',
                input: { command: `echo ${mark}`, description: 'Say it' },
              },
            ],
            'tool_use',
          ),
        );
    });
    const main = upstream.seen.filter(hasTools);
    check(
      loop.code === 0 && loop.stdout.includes('The loop is done.'),
      'Claude Code: a Bash tool loop ends with its answer',
      loop.stdout + loop.stderr,
    );
    check(
      JSON.stringify(main.at(-1)?.json?.messages).includes(mark),
      'Claude Code: the upstream got what the command printed',
    );
    check(
      main.every((seen) => seen.headers['x-api-key'] === 'sk-cli-claude-0123456789abcdef'),
      'Claude Code: the pool’s key reaches the upstream',
    );
    check(
      main.every((seen) => seen.json.model === 'claude-test' && seen.headers['anthropic-beta'] !== undefined),
      'Claude Code: model patched, betas forwarded',
    );
    check(!JSON.stringify(upstream.seen).includes(key), 'Claude Code: its own key does not');

    let busy = 0;
    const overloaded = await runClaude('Say done.', (seen, response) => {
      if (hasTools(seen) && busy++ === 0)
        json(response, 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
      else events(response, message([{ type: 'text', text: 'Done after all.' }], 'end_turn'));
    });
    check(
      overloaded.stdout.includes('Done after all.') && busy > 1,
      'Claude Code: 529, then success',
      overloaded.stdout + overloaded.stderr,
    );

    let limited = 0;
    const waited = await runClaude('Say done.', (seen, response) => {
      if (hasTools(seen) && limited++ === 0)
        json(
          response,
          429,
          { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } },
          { 'retry-after': '1' },
        );
      else events(response, message([{ type: 'text', text: 'Done in time.' }], 'end_turn'));
    });
    check(
      waited.stdout.includes('Done in time.') && limited > 1,
      'Claude Code: retry-after, then success',
      waited.stdout + waited.stderr,
    );

    let cuts = 0;
    const cut = await runClaude('Say done.', (seen, response) => {
      if (hasTools(seen) && cuts++ === 0)
        events(response, message([{ type: 'text', text: 'half an ans' }], 'end_turn').slice(0, 3), 'cut');
      else if (seen.json.stream === true)
        events(response, message([{ type: 'text', text: 'Whole at last.' }], 'end_turn'));
      // It may ask again without a stream.
      else
        json(response, 200, {
          id: 'msg_2',
          type: 'message',
          role: 'assistant',
          model: 'claude-test',
          content: [{ type: 'text', text: 'Whole at last.' }],
          stop_reason: 'end_turn',
          stop_sequence: null,
          usage: { input_tokens: 100, output_tokens: 3 },
        });
    });
    check(
      cuts > 1 && cuts <= 3 && cut.stdout.includes('Whole at last.'),
      `Claude Code: a cut stream is asked again and not taken for an answer (${cuts} requests)`,
      cut.stdout + cut.stderr,
    );

    writeFileSync(
      join(home, '.codex', 'config.toml'),
      `model = "gpt/gpt-test"\nmodel_provider = "sluice"\n\n[model_providers.sluice]\nname = "Sluice"\nbase_url = "${url}/v1"\nenv_key = "SLUICE_KEY"\nwire_api = "responses"\n`,
    );
    upstream.seen = [];
    upstream.handler = (seen, response) => {
      if (seen.path !== '/v1/responses') return json(response, 404, { error: { message: 'Not Found' } });
      const item = {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Codex is through.', annotations: [] }],
      };
      const whole = {
        id: 'resp_1',
        object: 'response',
        created_at: 1,
        model: 'gpt-test',
        status: 'completed',
        error: null,
        output: [item],
        usage: {
          input_tokens: 9,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 4,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 13,
        },
      };
      const steps = [
        { type: 'response.created', response: { ...whole, status: 'in_progress', output: [], usage: null } },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
        {
          type: 'response.output_text.delta',
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          delta: 'Codex is through.',
        },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: whole },
      ];
      return events(
        response,
        steps.map((step, sequence_number) => ({ ...step, sequence_number })),
      );
    };
    const asked = await runProgram(codex, ['exec', '--json', '--skip-git-repo-check', 'Say that you are through.'], {
      cwd: work,
      env: { ...env, CODEX_HOME: join(home, '.codex'), SLUICE_KEY: key },
    });
    check(asked.stdout.includes('Codex is through.'), 'Codex: an answer on /v1/responses', asked.stdout + asked.stderr);
    const [first] = upstream.seen;
    check(
      first?.json?.model === 'gpt-test' && first.headers.authorization === 'Bearer sk-cli-gpt-0123456789abcdef',
      'Codex: the upstream got its model and the pool’s key',
      JSON.stringify(first?.headers),
    );
    check(
      first?.json?.prompt_cache_key !== undefined,
      'Codex: fields that nobody here reads went through',
      Object.keys(first?.json ?? {}).join(' '),
    );
  } finally {
    host.kill('SIGTERM');
    await once(host, 'exit');
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  process.stdout.write(`${failures.length === 0 ? 'all well' : `${failures.length} failed`}\n`);
  return failures.length === 0 ? 0 : 1;
});
