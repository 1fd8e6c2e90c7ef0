/** How much the log says. `problems`: what went wrong. `detailed`: every request of the page by name, its time and its end. */
export const LOG_DETAILS = ['problems', 'normal', 'detailed'] as const;
export type LogDetail = (typeof LOG_DETAILS)[number];

/** One text of a diagnostics bundle, as it would be saved. */
export interface DiagnosticsFile {
  name: string;
  /** What it is, for the words that the page has for it. */
  part: 'about' | 'settings' | 'store' | 'keys' | 'log' | 'crash' | 'conversation';
  sizeBytes: number;
  text: string;
}

/** What a person looks at before any of it is saved. Nothing of it leaves the computer by itself. */
export interface DiagnosticsBundle {
  bundleId: string;
  madeAtMs: number;
  files: DiagnosticsFile[];
}

/** The last end that nobody asked for, as far as a person has to know. */
export interface CrashNotice {
  atMs: number;
  version: string;
}
