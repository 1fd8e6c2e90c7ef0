import type { CompressionFigures } from '#contract/events';
import type { FailureFact } from '#contract/failure-saying';
import { told } from '../platform/app-failure.ts';

/** Why nothing was summarised, as the figures of a compaction say it. */
export function figuresError(why: FailureFact): Pick<CompressionFigures, 'error' | 'errorSaid'> {
  const { message, said } = told(why);
  return said === undefined ? { error: message } : { error: message, errorSaid: said };
}
