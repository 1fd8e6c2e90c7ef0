import type { PromptRecord } from '#contract/records';

const FORMAT = 'sluice-prompts';

export interface FilePrompt {
  name: string;
  body: string;
}

/** The library as a file that people and other programs can read. */
export function writePromptFile(prompts: readonly PromptRecord[]): string {
  return JSON.stringify(
    { format: FORMAT, version: 1, prompts: prompts.map(({ name, body }) => ({ name, body })) },
    null,
    2,
  );
}

/** The prompts of a file; null where it is no such file. */
export function readPromptFile(text: string): FilePrompt[] | null {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof file !== 'object' || file === null || !('format' in file) || file.format !== FORMAT) return null;
  if (!('prompts' in file) || !Array.isArray(file.prompts)) return null;
  const prompts = file.prompts as unknown[];
  if (!prompts.every(isFilePrompt)) return null;
  return prompts.map(({ name, body }) => ({ name, body }));
}

function isFilePrompt(value: unknown): value is FilePrompt {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'body' in value &&
    typeof value.name === 'string' &&
    value.name.trim() !== '' &&
    typeof value.body === 'string' &&
    value.body !== ''
  );
}
