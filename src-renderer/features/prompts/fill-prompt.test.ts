import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPrompt, variablesOf } from './fill-prompt.ts';
import { readPromptFile, writePromptFile } from './prompt-file.ts';

describe('a prompt with places', () => {
  it('[E12] asks for each name once, in order, with what stands in it at first', () => {
    expect(variablesOf('To {{ 收件人 }} in {{tone=plain}}: {{text}} ({{tone}}) {not} {{}} {{a\nb}}')).toEqual([
      { name: '收件人', preset: '' },
      { name: 'tone', preset: 'plain' },
      { name: 'text', preset: '' },
    ]);
  });

  it('[E12] is filled everywhere; what has no value stays as written', () => {
    expect(fillPrompt('{{a}} {{a=x}} {{b}}', { a: '1' })).toBe('1 1 {{b}}');
  });

  it('[E12] a value is never read as a place or as a pattern', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        expect(fillPrompt('<{{a}}|{{b}}>', { a: first, b: second })).toBe(`<${first}|${second}>`);
      }),
    );
    expect(fillPrompt('{{a}}', { a: "$& $1 {{b}} $'" })).toBe("$& $1 {{b}} $'");
  });
});

describe('the file of prompts', () => {
  it('[E12] what is written is read again', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.string({ minLength: 1 }).filter((name) => name.trim() !== ''),
            body: fc.string({ minLength: 1 }),
          }),
        ),
        (prompts) => {
          const records = prompts.map((prompt, index) => ({ ...prompt, id: String(index), updatedAtMs: 0 }));
          expect(readPromptFile(writePromptFile(records))).toEqual(prompts);
        },
      ),
    );
  });

  it.each([
    '',
    'no json',
    '[]',
    '{}',
    '{"format":"sluice-prompts"}',
    '{"format":"sluice-prompts","prompts":[{"name":1}]}',
  ])('[E12] %j is no such file', (text) => {
    expect(readPromptFile(text)).toBeNull();
  });
});
