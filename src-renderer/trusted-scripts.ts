/** As far as it is used here; TypeScript's library does not know it yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): unknown;
}

/** What may run beside the page: a built script of our own origin. Anything else is refused by throwing, as browsers want. */
export function ownScript(address: string, page: string): string {
  const url = URL.parse(address, page);
  const own = URL.parse(page);
  const isOwn = url !== null && own !== null && url.protocol === own.protocol && url.host === own.host;
  if (!isOwn || !/^\/assets\/[\w.-]+\.js$/.test(url.pathname) || url.username !== '' || url.search !== '') {
    throw new TypeError('Only a script of Sluice itself runs beside its page.');
  }
  return url.href;
}

/**
 * The only policy of the page. It makes addresses of scripts; there is none that makes markup, so text that is put where
 * markup is expected throws. Browsers without trusted types go on without.
 */
export function guardScripts(scope: { trustedTypes?: TrustedTypes }, page: string): void {
  scope.trustedTypes?.createPolicy('default', { createScriptURL: (address) => ownScript(address, page) });
}
