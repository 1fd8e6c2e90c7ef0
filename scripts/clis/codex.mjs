// What Codex does with the responses endpoint, before OpenAI's protocol and before Anthropic's.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './programs.mjs';
import { messageEvents, responseEvents, sendEvents, sendJson } from './scripted-upstream.mjs';

/** @typedef {import('./scripted-upstream.mjs').Said} Said */

const MARK = 'sluice-was-here';
const CALL = /** @type {Said} */ ({ type: 'call', id: 'call_1', name: 'exec_command', input: { cmd: `echo ${MARK}` } });
/** @param {string} text @returns {Said[]} */
const words = (text) => [{ type: 'text', text }];

/** @param {import('../test-cli.mjs').Surroundings} around */
export async function tryCodex({ program, url, key, upstream, home, work, env, check }) {
  const config = [
    'model = "gpt/gpt-test"',
    'model_provider = "sluice"',
    '',
    '[model_providers.sluice]',
    'name = "Sluice"',
    `base_url = "${url}/v1"`,
    'env_key = "SLUICE_KEY"',
    'wire_api = "responses"',
    '',
  ];
  writeFileSync(join(home, '.codex', 'config.toml'), config.join('\n'));
  /** @param {string} prompt @param {string[]} more */
  const run = (prompt, ...more) =>
    runProgram(
      program,
      ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...more, prompt],
      { cwd: work, env: { ...env, CODEX_HOME: join(home, '.codex'), SLUICE_KEY: key } },
    );

  /**
   * Checks both sides of a tool loop: what Codex said at its end, and what the upstream heard of the tool.
   *
   * @param {Awaited<ReturnType<typeof run>>} loop
   * @param {ReturnType<typeof upstream.script>} heard
   * @param {'input' | 'messages'} field where the protocol has its turns
   * @param {{ says: string, ends: string, hears: string }} words
   */
  const loops = (loop, heard, field, { says, ends, hears }) => {
    check(loop.code === 0 && loop.stdout.includes(says), ends, loop.said);
    check(
      heard.length === 2 && JSON.stringify(heard[1]?.json[field]).includes(MARK),
      hears,
      JSON.stringify(heard.at(-1)?.json[field]).slice(-1000),
    );
  };

  const asked = upstream.script((seen, response) => {
    if (seen.path !== '/v1/responses') return sendJson(response, 404, { error: { message: 'Not Found' } });
    const isBack = JSON.stringify(seen.json.input).includes('function_call_output');
    return sendEvents(response, responseEvents(isBack ? words('Codex is through.') : [CALL]));
  });
  loops(await run('Run the command.'), asked, 'input', {
    says: 'Codex is through.',
    ends: 'Codex: a tool loop on /v1/responses ends with its answer',
    hears: 'Codex: the upstream got what the command printed',
  });
  const [first] = asked;
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

  const others = upstream.script((seen, response) => {
    const isBack = JSON.stringify(seen.json.messages).includes('tool_result');
    return sendEvents(response, messageEvents(isBack ? words('Through at Anthropic.') : [CALL]));
  });
  loops(await run('Run the command.', '-m', 'claude/claude-test'), others, 'messages', {
    says: 'Through at Anthropic.',
    ends: 'Codex: a tool loop before messages ends with its answer',
    hears: 'Codex: messages got what the command printed as the tool’s result',
  });

  const cutOnce = upstream.script((_seen, response, number) =>
    number === 1
      ? sendEvents(response, responseEvents(words('half an ans')).slice(0, 3), 'cut')
      : sendEvents(response, responseEvents(words('Whole at last.'))),
  );
  const cut = await run('Say done.');
  check(
    cut.stdout.includes('Whole at last.') &&
      cut.stdout.includes('cut before the answer was complete') &&
      cutOnce.length === 2,
    `Codex: a cut stream is asked again, with our reason shown (${cutOnce.length} requests)`,
    cut.said,
  );

  const poor = upstream.script((_seen, response) =>
    sendEvents(response, [
      ...responseEvents(words('half an ans')).slice(0, 3),
      {
        type: 'response.failed',
        sequence_number: 3,
        response: { id: 'resp_1', status: 'failed', error: { code: 'insufficient_quota', message: 'No money.' } },
      },
    ]),
  );
  const broke = await run('Say done.', '-m', 'poor/gpt-test');
  check(
    broke.code !== 0 && /quota/i.test(broke.stdout) && poor.length === 1,
    `Codex: a failure that the provider names is known again and not asked on and on (${poor.length} requests)`,
    broke.said,
  );

  const wrongKey = upstream.script((_seen, response) =>
    sendJson(response, 401, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } }),
  );
  const refused = await run('Say done.');
  check(
    refused.code !== 0 && refused.said.includes('Replace the key') && wrongKey.length <= 3,
    `Codex: a refused key of the pool is told in words with the remedy (${wrongKey.length} requests)`,
    refused.said,
  );
}
