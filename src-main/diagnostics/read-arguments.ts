/** What a command line asks for. */
export type AskedFor =
  | { kind: 'run' }
  | { kind: 'version' }
  | { kind: 'help' }
  | { kind: 'doctor'; asJson: boolean }
  | { kind: 'unknown'; sentence: string };

/**
 * Reads the arguments of the headless host, which are all its own: what it does not know is an error, because a misspelt
 * `doctor` would otherwise start a host.
 */
export function readArguments(args: readonly string[]): AskedFor {
  const asJson = args.includes('--json');
  const [first, ...rest] = args.filter((arg) => arg !== '--json');
  const help = [first, ...rest].some((arg) => arg === '--help' || arg === '-h');
  if (help) return { kind: 'help' };
  const extra = rest[0];
  if (extra !== undefined && first !== undefined && isKnown(first)) return unknown(extra);
  switch (first) {
    case undefined:
      return asJson
        ? { kind: 'unknown', sentence: '--json belongs to doctor. --help lists what there is.' }
        : { kind: 'run' };
    case '--version':
    case '-v':
      return { kind: 'version' };
    case 'doctor':
    case '--doctor':
      return { kind: 'doctor', asJson };
    default:
      return unknown(first);
  }
}

/**
 * The same for the desktop application, which gets arguments of the system as well: links, files, options of Chromium. Only
 * what stands first and is known counts; everything else starts the application.
 *
 * @param args without the program, and without its folder where it is not packed.
 */
export function readDesktopArguments(args: readonly string[]): Exclude<AskedFor, { kind: 'unknown' }> {
  const own = args.filter((arg) => arg !== '--no-sandbox');
  const asked = own[0] === undefined || !isKnown(own[0]) ? { kind: 'run' as const } : readArguments(own);
  return asked.kind === 'unknown' ? { kind: 'run' } : asked;
}

function isKnown(arg: string): boolean {
  return ['--version', '-v', '--help', '-h', 'doctor', '--doctor'].includes(arg);
}

function unknown(arg: string): AskedFor {
  return { kind: 'unknown', sentence: `Sluice does not know “${arg.slice(0, 100)}”. --help lists what there is.` };
}
