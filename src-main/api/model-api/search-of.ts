/** The search of an address with its question mark; empty where there is none. */
export function searchOf(url: string | undefined): string {
  const at = url?.indexOf('?') ?? -1;
  return at < 0 ? '' : (url?.slice(at) ?? '');
}
