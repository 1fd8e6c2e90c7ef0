import type { FailureSaying } from '#contract/failure-saying';

/** What a person is told after a choice: where what was there before lies now. */
export function restoreNotice(keptAs: string | null): FailureSaying | null {
  return keptAs === null ? null : { word: 'restored', with: { path: keptAs } };
}

export function setAsideNotice(keptAs: string): FailureSaying {
  return { word: 'set_aside', with: { path: keptAs } };
}
