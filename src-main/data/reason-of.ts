import type { ImportPreviewItem } from '#contract/data';
import type { FailureFact } from '#contract/failure-saying';
import { told } from '../platform/app-failure.ts';

/** Why a conversation of a file cannot be taken, as its row in a list says it. */
export function reasonOf(why: FailureFact | null): Pick<ImportPreviewItem, 'reason' | 'reasonSaid'> {
  if (why === null) return { reason: null };
  const { message, said } = told(why);
  return said === undefined ? { reason: message } : { reason: message, reasonSaid: said };
}
