/** What a look at one thing found. `problem` needs a person; `note` is worth knowing and needs nobody. */
export interface Finding {
  id: 'folder' | 'permissions' | 'space' | 'conversations' | 'host' | 'keyring' | 'port' | 'crash' | 'versions';
  state: 'well' | 'note' | 'problem';
  /** One sentence. */
  said: string;
  /** What helps; null where nothing is wrong. */
  remedy: string | null;
  /** The same for a program. */
  facts: Record<string, string | number | boolean | null>;
}

export interface DoctorReport {
  /** No finding needs a person. */
  well: boolean;
  version: string;
  findings: Finding[];
}

export function well(id: Finding['id'], said: string, facts: Finding['facts'] = {}): Finding {
  return { id, state: 'well', said, remedy: null, facts };
}

export function note(id: Finding['id'], said: string, facts: Finding['facts'] = {}): Finding {
  return { id, state: 'note', said, remedy: null, facts };
}

export function problem(id: Finding['id'], said: string, remedy: string, facts: Finding['facts'] = {}): Finding {
  return { id, state: 'problem', said, remedy, facts };
}

/** A report for a person: one line a finding, and under what needs one what helps. */
export function reportText(report: DoctorReport): string {
  const marks = { well: '  ok ', note: 'note ', problem: '  !! ' } as const;
  const lines = report.findings.flatMap(({ state, said, remedy }) => [
    `${marks[state]} ${said}`,
    ...(remedy === null ? [] : [`      → ${remedy}`]),
  ]);
  const wrong = report.findings.filter(({ state }) => state === 'problem').length;
  const sum = wrong === 0 ? 'All is well.' : wrong === 1 ? 'One thing needs you.' : `${wrong} things need you.`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
