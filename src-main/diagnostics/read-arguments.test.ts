import { expect, it } from 'vitest';
import { readArguments, readDesktopArguments } from './read-arguments.ts';

it.each([
  [[], 'run'],
  [['--version'], 'version'],
  [['-v'], 'version'],
  [['--help'], 'help'],
  [['doctor', '--help'], 'help'],
  [['-h', '--nonsense'], 'help'],
  [['doctor'], 'doctor'],
  [['--doctor'], 'doctor'],
  [['docter'], 'unknown'],
  [['--headless'], 'unknown'],
  [['--json'], 'unknown'],
  [['doctor', '--jsn'], 'unknown'],
  [['--version', 'doctor'], 'unknown'],
])('[E12] the headless host reads %j as %s', (args, kind) => {
  const asked = readArguments(args);
  expect(asked.kind).toBe(kind);
  // Whoever mistyped learns where to look.
  if (asked.kind === 'unknown') expect(asked.sentence).toContain('--help');
});

it('[E12] --json is heard before and after doctor', () => {
  expect(readArguments(['doctor', '--json'])).toEqual({ kind: 'doctor', asJson: true });
  expect(readArguments(['--json', 'doctor'])).toEqual({ kind: 'doctor', asJson: true });
  expect(readArguments(['doctor'])).toEqual({ kind: 'doctor', asJson: false });
});

it.each([
  [['--version'], 'version'],
  [['--no-sandbox', 'doctor', '--json'], 'doctor'],
  [['--help'], 'help'],
  // Links, files and options of Chromium start the application; none of them is ever an error.
  [['sluice://new?text=doctor'], 'run'],
  [['/home/me/doctor'], 'run'],
  [['--disable-gpu', '--version'], 'run'],
  [['doctor', '--enable-features=X'], 'run'],
  [[], 'run'],
])('[E12] the desktop application reads %j as %s', (args, kind) => {
  expect(readDesktopArguments(args).kind).toBe(kind);
});
