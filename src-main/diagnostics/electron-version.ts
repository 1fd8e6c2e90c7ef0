/** The version of Electron; undefined on plain Node, which the types of Electron do not know of. */
export function electronVersion(): string | undefined {
  return process.versions.electron;
}
