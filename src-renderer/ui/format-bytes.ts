const UNITS = ['B', 'KB', 'MB', 'GB'] as const;
const STEP = 1000;

/** "812 B", "38.2 KB", "1.4 MB": decimal units, as the systems' file managers show them. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0.
  while (value >= STEP - 0.05 && unit < UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
