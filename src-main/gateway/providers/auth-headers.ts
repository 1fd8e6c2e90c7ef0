/** `Authorization: Bearer …` where there is a key. */
export function bearer(secret: string | null): Record<string, string> {
  return secret === null ? {} : { authorization: `Bearer ${secret}` };
}
