/** Scheme, host and port of an address; null for none. */
export function originOf(baseUrl: string): string | null {
  return baseUrl === '' ? null : (URL.parse(baseUrl)?.origin ?? null);
}

/** Host and port of an address, for a line that has little room. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
