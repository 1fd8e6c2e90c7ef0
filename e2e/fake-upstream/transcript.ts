import type { Step } from './script.ts';

interface OpenRow {
  role: 'assistant';
  content: string;
  tool_calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

/** What an agent stores of a run's session: its tools' ids, arguments and outputs, whatever the stream says of them. */
export class Transcript {
  readonly #rows: Record<string, unknown>[] = [];
  #open: OpenRow | null = null;
  #calls = 0;

  constructor(input: string) {
    this.#rows.push({ role: 'user', content: input });
  }

  text(text: string): void {
    if (this.#open === null || this.#open.tool_calls.length > 0) this.#begin();
    if (this.#open !== null) this.#open.content += text;
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): void {
    if (this.#open === null) this.#begin();
    const id = step.id ?? `call_${++this.#calls}`;
    this.#open?.tool_calls.push({
      id,
      type: 'function',
      function: { name: step.name, arguments: step.arguments ?? '{}' },
    });
  }

  toolEnd(step: Extract<Step, { do: 'toolEnd' }>): void {
    const calls = this.#rows.flatMap((row) => (row['tool_calls'] ?? []) as OpenRow['tool_calls']);
    const answered = new Set(this.#rows.map((row) => row['tool_call_id']));
    const call = calls.find((one) => one.function.name === step.name && !answered.has(one.id));
    this.#open = null;
    this.#rows.push({
      role: 'tool',
      tool_call_id: step.id ?? call?.id ?? null,
      tool_name: step.name,
      content: step.output ?? '',
    });
  }

  /** The rows, numbered, oldest first. */
  get rows(): Record<string, unknown>[] {
    return this.#rows.map((row, index) => ({ id: index + 1, ...row }));
  }

  #begin(): void {
    this.#open = { role: 'assistant', content: '', tool_calls: [] };
    this.#rows.push(this.#open as unknown as Record<string, unknown>);
  }
}
