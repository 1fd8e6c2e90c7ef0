/** Which bytes of a file are wanted; both ends included. */
export type WantedBytes = { kind: 'all' } | { kind: 'part'; first: number; last: number } | { kind: 'unsatisfiable' };

/**
 * Reads a `Range` header (RFC 9110, section 14.2). What is no single range of bytes is ignored, as the RFC allows: the
 * answer is then the whole file.
 */
export function parseRange(header: string | null, sizeBytes: number): WantedBytes {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (match === null || (from === '' && to === '')) return { kind: 'all' };
  if (from === '') {
    const count = Math.min(Number(to), sizeBytes);
    return count === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', first: sizeBytes - count, last: sizeBytes - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return { kind: 'all' };
  if (first >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', first, last: to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1) };
}
