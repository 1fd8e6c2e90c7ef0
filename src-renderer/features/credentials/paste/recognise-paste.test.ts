import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognisePaste } from './recognise-paste.ts';
import { shellWords } from './shell-words.ts';

const fill = (count: number) => 'aB3'.repeat(50).slice(0, count);
const ANTHROPIC = `sk-ant-api03-${fill(93)}AA`;
const OPENAI = `sk-proj-${fill(60)}T3BlbkFJ${fill(60)}`;
const OPENROUTER = `sk-or-v1-${'0123456789abcdef'.repeat(4)}`;
const GROQ = `gsk_${fill(52)}`;
const NAMELESS = '0123456789abcdef0123456789abcdef';

const one = (text: string) => {
  const reading = recognisePaste(text);
  if (!reading.ok) throw new Error(`${reading.problem}: ${text}`);
  const [proposal] = reading.proposals;
  return {
    provider: proposal?.provider ?? null,
    kind: proposal?.kind,
    url: proposal?.baseUrl,
    key: reading.secret,
    model: reading.model,
    isSure: reading.proposals.length === 1,
    notes: reading.notes,
  };
};

describe('a pasted key', () => {
  it.each([
    ['Anthropic', ANTHROPIC, 'anthropic', 'https://api.anthropic.com'],
    ['OpenAI', OPENAI, 'openai-chat', 'https://api.openai.com'],
    ['OpenAI', `sk-${fill(20)}T3BlbkFJ${fill(20)}`, 'openai-chat', 'https://api.openai.com'],
    ['OpenRouter', OPENROUTER, 'openai-chat', 'https://openrouter.ai/api'],
    ['Groq', GROQ, 'openai-chat', 'https://api.groq.com/openai'],
    ['xAI', `xai-${fill(80)}`, 'openai-chat', 'https://api.x.ai'],
    ['Hugging Face', `hf_${fill(34)}`, 'openai-chat', 'https://router.huggingface.co'],
    ['NVIDIA', `nvapi-${fill(64)}`, 'openai-chat', 'https://integrate.api.nvidia.com'],
  ])('[E9-02] of %s is known by its form', (provider, key, kind, url) => {
    expect(one(key)).toMatchObject({ provider, kind, url, key, isSure: true });
    for (const wrapped of [`  ${key}\n`, `"${key}"`, `'${key}',`, `Bearer ${key}`, `\u200b${key}`, `api key: ${key}`])
      expect(one(wrapped), wrapped).toMatchObject({ provider, key });
  });

  it('[E9-02] that may be anybody’s is offered to be chosen, and no address is taken for granted', () => {
    const reading = recognisePaste(NAMELESS);
    expect(reading).toMatchObject({ ok: true, secret: NAMELESS });
    const urls = reading.ok ? reading.proposals.map((each) => each.baseUrl) : [];
    expect(urls.length).toBeGreaterThan(1);
    expect(urls).toContain(null);
  });

  it.each([
    ['empty', ' \n\t'],
    ['shortened', 'sk-ant-api03-abc...xyz'],
    ['shortened', 'sk-proj-abcd…wxyz'],
    ['shortened', 'sk-************'],
    ['shortened', ANTHROPIC.slice(0, 60)],
    ['shortened', OPENROUTER.slice(0, 30)],
    ['admin', `sk-ant-admin01-${fill(93)}AA`],
    ['admin', `sk-admin-${fill(60)}`],
    ['subscription', `sk-ant-oat01-${fill(93)}AA`],
    ['nothing', 'hello there'],
    ['nothing', 'password'],
  ])('[E9-02] [E10-03] is refused as %s: %j', (problem, text) => {
    expect(recognisePaste(text)).toMatchObject({ ok: false, problem });
  });

  it('[E9-02] that was broken into lines is put together, and two keys are not', () => {
    const broken = `${ANTHROPIC.slice(0, 40)}\n  ${ANTHROPIC.slice(40)}`;
    expect(one(broken)).toMatchObject({ key: ANTHROPIC, notes: ['joined'] });
    expect(one(`${ANTHROPIC}\n${GROQ}`)).toMatchObject({ key: ANTHROPIC, notes: ['several'] });
  });
});

describe('a pasted curl command', () => {
  it('[E9-02] of Anthropic’s documentation', () => {
    const command = `curl https://api.anthropic.com/v1/messages \\
     --header "x-api-key: ${ANTHROPIC}" \\
     --header "anthropic-version: 2023-06-01" \\
     --header "content-type: application/json" \\
     --data \\
'{
    "model": "claude-sonnet-4-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "It\\u0027s Claude"}]
}'`;
    expect(one(command)).toEqual({
      provider: 'Anthropic',
      kind: 'anthropic',
      url: 'https://api.anthropic.com',
      key: ANTHROPIC,
      model: 'claude-sonnet-4-5',
      isSure: true,
      notes: [],
    });
  });

  it.each([
    [
      'one line',
      `curl -sS https://api.openai.com/v1/chat/completions -H 'Authorization: Bearer ${OPENAI}' -d '{"model":"gpt-5"}'`,
    ],
    [
      'a prompt before it',
      `$ curl https://api.openai.com/v1/models -H "Authorization: Bearer ${OPENAI}" --json '{"model": "gpt-5", …'`,
    ],
    [
      'options that stand together',
      `curl -sSXPOST -H"authorization: bearer ${OPENAI}" --url=https://api.openai.com/v1 -d '{"model":"gpt-5"}' | jq .`,
    ],
    [
      'a variable that is set before it',
      `export OPENAI_API_KEY="${OPENAI}"\ncurl https://api.openai.com/v1/chat/completions -H "Authorization: Bearer $OPENAI_API_KEY" -d '{"model":"gpt-5"}'`,
    ],
    [
      'lines of Windows',
      `curl https://api.openai.com/v1/chat/completions ^\r\n -H "Authorization: Bearer ${OPENAI}" ^\r\n -d "{\\"model\\":\\"gpt-5\\"}"`,
    ],
    [
      'other options',
      `curl -o out.json -m 30 --oauth2-bearer ${OPENAI} -d '{"model":"gpt-5"}' https://api.openai.com/v1/chat/completions`,
    ],
  ])('[E9-02] with %s', (_name, command) => {
    expect(one(command)).toMatchObject({
      provider: 'OpenAI',
      url: 'https://api.openai.com',
      key: OPENAI,
      model: 'gpt-5',
    });
  });

  it('[E9-02] to a server of one’s own, without a scheme, with a proxy that is not taken over', () => {
    expect(
      one(
        `curl -x http://me:secret@proxy:3128 192.168.1.20:8000/v1/chat/completions -H 'Authorization: Bearer ${NAMELESS}'`,
      ),
    ).toEqual({
      provider: null,
      kind: 'openai-chat',
      url: 'http://192.168.1.20:8000',
      key: NAMELESS,
      model: null,
      isSure: true,
      notes: ['proxyLeftOut'],
    });
  });

  it.each([
    ['variable', 'curl https://api.openai.com/v1/models -H "Authorization: Bearer $OPENAI_API_KEY"'],
    ['variable', 'curl https://api.openai.com/v1/models -H "Authorization: Bearer ${OPENAI_API_KEY}"'],
    ['unclosed', 'curl https://api.openai.com/v1/models -H "Authorization: Bearer sk-'],
    ['nothing', 'curl --help'],
    ['otherProvider', `curl https://api.openai.com/v1/models -H "Authorization: Bearer ${ANTHROPIC}"`],
  ])('[E9-02] is refused as %s: %s', (problem, text) => {
    expect(recognisePaste(text)).toMatchObject({ ok: false, problem });
  });
});

describe('pasted lines and addresses', () => {
  it.each([
    [`ANTHROPIC_API_KEY=${ANTHROPIC}`, 'Anthropic', ANTHROPIC, 'https://api.anthropic.com'],
    [`export MISTRAL_API_KEY='${NAMELESS}' # mine`, 'Mistral', NAMELESS, 'https://api.mistral.ai'],
    [`$env:OPENAI_API_KEY = "${OPENAI}"`, 'OpenAI', OPENAI, 'https://api.openai.com'],
    [
      `OPENAI_API_KEY=${NAMELESS}\nOPENAI_BASE_URL=http://localhost:8000/v1\nOPENAI_MODEL=qwen3`,
      null,
      NAMELESS,
      'http://localhost:8000',
    ],
    [`https://openrouter.ai/api/v1 ${OPENROUTER}`, 'OpenRouter', OPENROUTER, 'https://openrouter.ai/api'],
    [`${NAMELESS}\nhttps://llm.example.com/v1/chat/completions`, null, NAMELESS, 'https://llm.example.com'],
    [`https://${NAMELESS}@llm.example.com/v1`, null, NAMELESS, 'https://llm.example.com'],
    ['http://127.0.0.1:11434/v1', null, null, 'http://127.0.0.1:11434'],
  ])('[E9-02] %s', (text, provider, key, url) => {
    expect(one(text)).toMatchObject({ provider, key, url });
  });

  it('[E9-02] a name that only holds a known one is not taken for it', () => {
    expect(one(`https://api.openai.com.example.net/v1 ${NAMELESS}`)).toMatchObject({
      provider: null,
      url: 'https://api.openai.com.example.net',
    });
  });

  it('[E9-02] the kind is read from the address', () => {
    expect(one(`http://127.0.0.1:8642 ${NAMELESS}`).kind).toBe('hermes');
    expect(one(`https://proxy.example.com/v1/messages ${NAMELESS}`).kind).toBe('anthropic');
  });

  it('[E9-02] whatever is pasted is answered and never thrown', () => {
    const piece = fc.constantFrom(
      'curl ',
      '-H ',
      '"',
      "'",
      '\\',
      '\n',
      '$X',
      'https://',
      'KEY=',
      '…',
      ANTHROPIC,
      '{',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 20 }), (parts) => {
        const reading = recognisePaste(parts.join(''));
        if (reading.ok) expect(reading.proposals.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('words of a shell', () => {
  it.each([
    [`a 'b c' "d \\"e\\" \\$f" g\\ h`, ['a', 'b c', 'd "e" $f', 'g h']],
    [`x\\\n  y`, ['x', 'y']],
    [`a'b'"c"`, ['abc']],
    [`$'a\\'b\\n' ''`, ["a'b\n", '']],
    ['a # comment', ['a']],
    ['a | b', ['a']],
    ['a#b', ['a#b']],
  ])('%s', (command, words) => {
    expect(shellWords(command)?.map((word) => word.text)).toEqual(words);
  });
});
