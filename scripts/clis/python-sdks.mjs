// The official SDKs for Python: the snippets of the page for users as they stand there, and what they make of a cut stream.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup.mjs';
import { runProgram } from './programs.mjs';
import { messageEvents, responseEvents, sendEvents } from './scripted-upstream.mjs';

const CUT = `
import os, sys
from anthropic import Anthropic
from openai import OpenAI

url, key = os.environ["SLUICE_URL"], os.environ["SLUICE_KEY"]
def messages():
    client = Anthropic(base_url=url, api_key=key, max_retries=0)
    with client.messages.stream(model="claude/m", max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
        return stream.get_final_message()
def responses():
    client = OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)
    return [event for event in client.responses.create(model="gpt/m", input="x", stream=True)]
for ask in (messages, responses):
    try:
        print("TAKEN FOR AN ANSWER", ask())
    except Exception as thrown:
        print(ask.__name__, type(thrown).__name__, thrown)
`;

/** @param {import('../test-cli.mjs').Surroundings} around */
export async function tryPythonSdks({ program, url, key, upstream, work, env, check }) {
  /** @param {string} code */
  const run = (code) =>
    runProgram(program, ['-c', code], { cwd: work, env: { ...env, SLUICE_URL: url, SLUICE_KEY: key } });
  const page = readFileSync(join(ROOT, 'docs', 'local-api.md'), 'utf8');
  const snippets = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, code = '']) => code);
  check(snippets.length === 2, `Python: the page has its two snippets (${snippets.length})`);
  for (const code of snippets) {
    const name = /from (\w+) import/.exec(code)?.[1] ?? '';
    const { code: exit, said } = await run(code);
    check(exit === 0 && said.includes('Sluice'), `Python: the page’s snippet for ${name} prints an answer`, said);
  }
  upstream.script((seen, response) =>
    seen.path === '/v1/messages'
      ? sendEvents(response, messageEvents([{ type: 'text', text: 'half' }]).slice(0, 3), 'cut')
      : sendEvents(response, responseEvents([{ type: 'text', text: 'half' }]).slice(0, 3), 'cut'),
  );
  const { said } = await run(CUT);
  for (const name of ['messages', 'responses'])
    check(
      new RegExp(`^${name} \\w*Error .*cut before the answer was complete`, 'm').test(said),
      `Python: a cut stream of ${name} raises, with our words`,
      said,
    );
}
