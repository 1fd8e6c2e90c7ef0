/**
 * What a sealed secret belongs to, as the text that it is bound to. A row's bytes do not open in another row, nor for
 * another address: whoever can write to the database cannot have a key sent to a host of their own.
 */
export function secretBinding(place: { table: 'credentials' | 'proxies'; key: string; bound_to: string }): string {
  return JSON.stringify(['sluice-secret', 2, place.table, place.key, place.bound_to]);
}

/** A key is bound to the origin that it was approved for; a grant also to the address that renews it. */
export function credentialBinding(credentialId: string, origin: string, tokenUrl = ''): string {
  return secretBinding({ table: 'credentials', key: credentialId, bound_to: `${origin}\n${tokenUrl}` });
}

/** A proxy's password is bound to the proxy's address. */
export function proxyBinding(scope: string, owner: string, url: string): string {
  return secretBinding({ table: 'proxies', key: `${scope}\n${owner}`, bound_to: url });
}
