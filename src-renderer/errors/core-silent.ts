import type { AppError } from '#contract/errors';

/** Whether the core gave no answer at all, as its way here says. Nothing is known of any provider then. */
export function isCoreSilent({ details }: { details?: AppError['details'] | undefined }): boolean {
  return details?.['transport'] === true;
}
