/** What a snippet is filled with. `docs/local-api.md` and `docs/runs-api.md` show the same snippets; a test holds them to it. */
export interface SnippetValues {
  /** The server's address, without a slash at its end. */
  url: string;
  /** `<profile>/<model>`. */
  model: string;
  profile: string;
}

export interface Tool {
  id: string;
  /** A name, the same in every language. */
  name: string;
  /** What the program reads from its environment. */
  variables: readonly { name: string; holds: 'url' | 'key' }[];
  /** The file that the code belongs into, where it is one of the program's own. */
  file?: string;
  /** How the documentation marks the code. */
  language: 'sh' | 'js' | 'python' | 'toml' | 'text';
  code: (values: SnippetValues) => string;
  /** The same for Windows' own shell, where that differs. */
  powershell?: (values: SnippetValues) => string;
}

const OWN_VARIABLES = [
  { name: 'SLUICE_URL', holds: 'url' },
  { name: 'SLUICE_KEY', holds: 'key' },
] as const;

/** A key never stands in the code itself: code is shared and committed, an environment is not. */
export const TOOLS: readonly Tool[] = [
  {
    id: 'curl',
    name: 'curl',
    variables: OWN_VARIABLES,
    language: 'sh',
    code: ({ model }) =>
      `curl -sS "$SLUICE_URL/v1/messages" -H "x-api-key: $SLUICE_KEY" -H 'content-type: application/json' \\
  -d '{"model": "${model}", "max_tokens": 500, "messages": [{"role": "user", "content": "Say hello."}]}'
`,
    powershell: ({ model }) =>
      `Invoke-RestMethod "$env:SLUICE_URL/v1/messages" -Method Post -ContentType 'application/json' \`
  -Headers @{ 'x-api-key' = $env:SLUICE_KEY } \`
  -Body '{"model": "${model}", "max_tokens": 500, "messages": [{"role": "user", "content": "Say hello."}]}'
`,
  },
  {
    id: 'claude-code',
    name: 'Claude Code',
    variables: [
      { name: 'ANTHROPIC_BASE_URL', holds: 'url' },
      { name: 'ANTHROPIC_API_KEY', holds: 'key' },
    ],
    language: 'text',
    code: ({ model }) => `claude --model "${model}"
`,
  },
  {
    id: 'codex',
    name: 'Codex',
    variables: [{ name: 'SLUICE_KEY', holds: 'key' }],
    file: '~/.codex/config.toml',
    language: 'toml',
    code: ({ url, model }) => `model = "${model}"
model_provider = "sluice"

[model_providers.sluice]
name = "Sluice"
base_url = "${url}/v1"
env_key = "SLUICE_KEY"
wire_api = "responses"
`,
  },
  {
    id: 'openai-python',
    name: 'OpenAI, Python',
    variables: OWN_VARIABLES,
    language: 'python',
    code: ({ model }) => `import os

from openai import OpenAI

client = OpenAI(base_url=os.environ["SLUICE_URL"] + "/v1", api_key=os.environ["SLUICE_KEY"])
answer = client.responses.create(model="${model}", input="Say hello.")
print(answer.output_text)
`,
  },
  {
    id: 'openai-js',
    name: 'OpenAI, JS',
    variables: OWN_VARIABLES,
    language: 'js',
    code: ({ model }) => `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: \`\${process.env.SLUICE_URL}/v1\`, apiKey: process.env.SLUICE_KEY });
const answer = await client.responses.create({ model: '${model}', input: 'Say hello.' });
console.log(answer.output_text);
`,
  },
  {
    id: 'anthropic-python',
    name: 'Anthropic, Python',
    variables: OWN_VARIABLES,
    language: 'python',
    code: ({ model }) => `import os

from anthropic import Anthropic

client = Anthropic(base_url=os.environ["SLUICE_URL"], api_key=os.environ["SLUICE_KEY"])
answer = client.messages.create(
    model="${model}",
    max_tokens=500,
    messages=[{"role": "user", "content": "Say hello."}],
)
print("".join(block.text for block in answer.content if block.type == "text"))
`,
  },
  {
    id: 'anthropic-js',
    name: 'Anthropic, JS',
    variables: OWN_VARIABLES,
    language: 'js',
    code: ({ model }) => `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: process.env.SLUICE_URL, apiKey: process.env.SLUICE_KEY });
const stream = client.messages.stream({
  model: '${model}',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'Say hello.' }],
});
console.log(await stream.finalText());
`,
  },
  {
    id: 'langgraph',
    name: 'LangGraph, JS',
    variables: OWN_VARIABLES,
    language: 'js',
    code: ({ profile }) => `import { Client } from '@langchain/langgraph-sdk';

const client = new Client({ apiUrl: \`\${process.env.SLUICE_URL}/api\`, apiKey: process.env.SLUICE_KEY });
const thread = await client.threads.create({ metadata: { project: 'docs' } });

const stream = client.runs.stream(thread.thread_id, '${profile}', {
  input: { messages: [{ type: 'human', content: 'Say hello.' }] },
  streamMode: ['messages-tuple', 'values'],
});
let last = null;
for await (const { event, data } of stream) {
  if (event === 'messages') process.stdout.write(data[0].content);
  if (event === 'values') last = data.messages.at(-1);
}
if (last.type !== 'ai') throw new Error('There is no answer.');
`,
  },
  {
    id: 'vercel-ai',
    name: 'Vercel AI',
    variables: OWN_VARIABLES,
    language: 'js',
    code: ({ model }) => `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';

const sluice = createOpenAICompatible({
  name: 'sluice',
  baseURL: \`\${process.env.SLUICE_URL}/v1\`,
  apiKey: process.env.SLUICE_KEY,
});
console.log((await generateText({ model: sluice.chatModel('${model}'), prompt: 'Say hello.' })).text);
`,
  },
];

export type Shell = 'sh' | 'powershell';

/** Lines that put the address and the key into the environment of a terminal. */
export function environmentLines(tool: Tool, shell: Shell, values: { url: string; key: string }): string {
  return tool.variables
    .map(({ name, holds }) =>
      shell === 'sh' ? `export ${name}="${values[holds]}"\n` : `$env:${name} = "${values[holds]}"\n`,
    )
    .join('');
}

/** The code as it is for a shell. */
export function codeOf(tool: Tool, shell: Shell, values: SnippetValues): string {
  const write = shell === 'powershell' ? (tool.powershell ?? tool.code) : tool.code;
  return write(values);
}

/** Whether a name can stand within the quotation marks of every snippet: names come from people, and from links too. */
export function isPlainName(name: string): boolean {
  return /^[\p{L}\p{N}_.:@/+ -]+$/u.test(name);
}
