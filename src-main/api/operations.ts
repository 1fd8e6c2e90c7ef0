import type { ApiRoute, UnknownAddress } from './api-route.ts';

export interface Operation {
  route: ApiRoute;
  parts: readonly string[];
}

/** The operations by their addresses, and who looked for one that is not there. */
export class Operations {
  /** Where nothing is, but something is looked for. */
  readonly unknown: UnknownAddress;
  readonly #compiled: Operation[];
  /** Addresses without a part that varies: most requests by far. */
  readonly #exact = new Map<string, Operation[]>();

  constructor({ routes, unknown }: { routes: readonly ApiRoute[]; unknown: UnknownAddress }) {
    this.unknown = unknown;
    this.#compiled = routes.map((one) => ({ route: one, parts: one.path.split('/') }));
    for (const one of this.#compiled) {
      if (one.route.path.includes('{')) continue;
      this.#exact.set(one.route.path, [...(this.#exact.get(one.route.path) ?? []), one]);
    }
  }

  exact(path: string, method: string): Operation | undefined {
    return this.#exact.get(path)?.find((one) => takes(one.route, method));
  }

  fitting(parts: readonly string[]): Operation[] {
    return this.#compiled.filter((one) => matchParts(one.parts, parts) !== null);
  }

  has(path: string): boolean {
    return this.#exact.has(path) || this.unknown.has(path) || this.fitting(path.split('/')).length > 0;
  }
}

/** What stands at the varying parts of a pattern; null where the address does not fit it. */
export function matchParts(pattern: readonly string[], path: readonly string[]): Record<string, string> | null {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const given = path[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = given;
    else if (part !== given) return null;
  }
  return params;
}

/** What is read may be asked for without its body, which Node leaves out by itself; an event stream is nothing but body. */
export function takes({ method, isStream }: ApiRoute, asked: string): boolean {
  return method === asked || (asked === 'HEAD' && method === 'GET' && isStream !== true);
}
