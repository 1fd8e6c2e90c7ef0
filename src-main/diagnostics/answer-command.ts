import { examine } from './doctor.ts';
import { reportText } from './finding.ts';
import { helpText } from './help-text.ts';
import type { AskedFor } from './read-arguments.ts';

/**
 * Answers what a command line asks for instead of a host.
 *
 * @param parts.doctor what the doctor is to look at; asked for only when it is needed.
 * @returns the exit code: 0, 1 where the doctor found something that needs a person, 2 for a command line that is not known.
 */
export async function answerCommand(
  asked: Exclude<AskedFor, { kind: 'run' }>,
  parts: {
    host: 'electron' | 'headless';
    version: string;
    doctor: () => Promise<Parameters<typeof examine>[0]> | Parameters<typeof examine>[0];
    out: (text: string) => void;
    err: (text: string) => void;
  },
): Promise<number> {
  const { host, version, doctor, out, err } = parts;
  switch (asked.kind) {
    case 'version':
      out(`Sluice ${version}\n`);
      return 0;
    case 'help':
      out(helpText(host));
      return 0;
    case 'unknown':
      err(`${asked.sentence}\n`);
      return 2;
    case 'doctor': {
      const report = await examine(await doctor());
      out(asked.asJson ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
      return report.well ? 0 : 1;
    }
  }
}
