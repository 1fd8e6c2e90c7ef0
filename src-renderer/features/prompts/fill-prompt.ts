/** A place in a prompt: `{{name}}`, or `{{name=what it holds at first}}`. */
const PLACE = /\{\{\s*([^{}=\n]{1,60}?)\s*(?:=([^{}\n]*))?\}\}/gu;

export interface PromptVariable {
  name: string;
  /** What stands in it at first. */
  preset: string;
}

/** What a prompt asks for, each name once, in the order of the text. */
export function variablesOf(body: string): PromptVariable[] {
  const found = new Map<string, PromptVariable>();
  for (const [, name = '', preset = ''] of body.matchAll(PLACE)) {
    const known = found.get(name);
    if (known === undefined || (known.preset === '' && preset !== '')) {
      found.set(name, { name, preset: preset.trim() });
    }
  }
  return [...found.values()];
}

/** The text with its places filled. A value is put in as it is, also where it looks like a place. */
export function fillPrompt(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(PLACE, (place, name: string) => values[name] ?? place);
}
