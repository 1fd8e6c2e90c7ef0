// What Claude Code does with the messages endpoint, before Anthropic's protocol and before OpenAI's.
import { runProgram } from './programs.mjs';
import { chatChunks, messageEvents, responseEvents, sendEvents, sendJson } from './scripted-upstream.mjs';

/** @typedef {import('./scripted-upstream.mjs').Seen} Seen */
/** @typedef {import('./scripted-upstream.mjs').Said} Said */

const MARK = 'sluice-was-here';
const CALL = /** @type {Said} */ ({
  type: 'call',
  id: 'toolu_1',
  name: 'Bash',
  input: { command: `echo ${MARK}`, description: 'Say it' },
});

const hasTools = (/** @type {Seen} */ seen) => Array.isArray(seen.json?.tools) && seen.json.tools.length > 0;
/** @param {string} text @returns {Said[]} */
const words = (text) => [{ type: 'text', text }];

/** @param {import('../test-cli.mjs').Surroundings} around */
export async function tryClaudeCode({ program, url, key, upstream, work, env, check }) {
  /** @param {string} prompt @param {string} model */
  const run = (prompt, model = 'claude/claude-test') =>
    runProgram(program, ['-p', prompt, '--model', model, '--output-format', 'json', '--allowedTools', 'Bash'], {
      cwd: work,
      env: {
        ...env,
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: key,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      },
    });

  const asked = upstream.script((seen, response) => {
    if (!hasTools(seen)) sendEvents(response, messageEvents(words('A title')));
    else if (JSON.stringify(seen.json.messages).includes('tool_result'))
      sendEvents(response, messageEvents(words('The loop is done.')));
    else sendEvents(response, messageEvents([CALL]));
  });
  const loop = await run('Run the command.');
  const main = asked.filter(hasTools);
  check(
    loop.code === 0 && loop.stdout.includes('The loop is done.'),
    'Claude Code: a Bash tool loop ends with its answer',
    loop.said,
  );
  check(
    JSON.stringify(main.at(-1)?.json?.messages).includes(MARK),
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
  check(!JSON.stringify(asked).includes(key), 'Claude Code: its own key does not');

  const others = upstream.script((seen, response) => {
    const isBack = JSON.stringify(seen.json.messages).includes('"role":"tool"');
    const said = !hasTools(seen) ? words('A title') : isBack ? words('Done at another provider.') : [CALL];
    sendEvents(response, chatChunks(said));
  });
  const elsewhere = await run('Run the command.', 'gpt/gpt-test');
  check(
    elsewhere.code === 0 && elsewhere.stdout.includes('Done at another provider.'),
    'Claude Code: a Bash tool loop before chat completions ends with its answer',
    elsewhere.said,
  );
  const back = others.filter(hasTools).at(-1)?.json?.messages ?? [];
  check(
    back.some((/** @type {any} */ each) => each.role === 'tool' && JSON.stringify(each.content).includes(MARK)),
    'Claude Code: chat completions got what the command printed as the tool’s result',
    JSON.stringify(back).slice(-1000),
  );

  let busy = 0;
  upstream.script((seen, response) => {
    if (hasTools(seen) && busy++ === 0)
      sendJson(response, 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    else sendEvents(response, messageEvents(words('Done after all.')));
  });
  const overloaded = await run('Say done.');
  check(overloaded.stdout.includes('Done after all.') && busy > 1, 'Claude Code: 529, then success', overloaded.said);

  let limited = 0;
  upstream.script((seen, response) => {
    if (hasTools(seen) && limited++ === 0) {
      const error = { type: 'rate_limit_error', message: 'Slow down' };
      sendJson(response, 429, { type: 'error', error }, { 'retry-after': '1' });
    } else sendEvents(response, messageEvents(words('Done in time.')));
  });
  const waited = await run('Say done.');
  check(waited.stdout.includes('Done in time.') && limited > 1, 'Claude Code: retry-after, then success', waited.said);

  let cuts = 0;
  upstream.script((seen, response) => {
    if (hasTools(seen) && cuts++ === 0) sendEvents(response, messageEvents(words('half an ans')).slice(0, 3), 'cut');
    else if (seen.json.stream === true) sendEvents(response, messageEvents(words('Whole at last.')));
    // It may ask again without a stream.
    else
      sendJson(response, 200, {
        id: 'msg_2',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: words('Whole at last.'),
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 100, output_tokens: 3 },
      });
  });
  const cut = await run('Say done.');
  check(
    cuts > 1 && cuts <= 3 && cut.stdout.includes('Whole at last.'),
    `Claude Code: a cut stream is asked again and not taken for an answer (${cuts} requests)`,
    cut.said,
  );

  upstream.script((_seen, response) => {
    sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: 'No such thing.' } });
  });
  const bad = await run('Say done.');
  check(
    bad.code !== 0 && bad.said.includes('No such thing.'),
    'Claude Code: what the provider refuses is told in its words',
    bad.said,
  );

  const alone = upstream.script((seen, response) => {
    if (seen.path !== '/v1/responses') return sendJson(response, 404, { error: { message: 'Not Found' } });
    const isBack = JSON.stringify(seen.json.input).includes('function_call_output');
    const said = !hasTools(seen) ? words('A title') : isBack ? words('Done in responses.') : [CALL];
    return sendEvents(response, responseEvents(said));
  });
  const inResponses = await run('Run the command.', 'gpt/gpt-test');
  check(
    inResponses.code === 0 && inResponses.stdout.includes('Done in responses.'),
    'Claude Code: a Bash tool loop before responses alone ends with its answer',
    inResponses.said,
  );
  check(
    alone.filter(({ path }) => path !== '/v1/responses').length <= 2 &&
      JSON.stringify(alone.filter(hasTools).at(-1)?.json?.input).includes(MARK),
    'Claude Code: responses got what the command printed, and the missing address is left alone',
    alone.map(({ path }) => path).join(' '),
  );
}
