/** What a person is told after a choice: where what was there before lies now. */
export function restoreNotice(keptAs: string | null): string | null {
  return keptAs === null ? null : `The backup was restored. What was there before was kept as ${keptAs}.`;
}

export function setAsideNotice(keptAs: string): string {
  return `The conversations file that could not be opened was kept as ${keptAs}, and a new one was begun.`;
}
