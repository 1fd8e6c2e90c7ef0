/** Ends every switch over a union: a member that is added without a case becomes a compile error here. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected member of a closed union: ${JSON.stringify(value)}`);
}
